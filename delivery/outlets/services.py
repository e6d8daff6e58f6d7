"""The services of Apprise that hirewatch tells people by: a closed list, with how each reads a message.

Left out are those that act on this machine (dbus, syslog, windows …), those that post to just any address (json,
form, xml: the webhook outlet does that, signed), and those that no message of several postings fits (SMS).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a channel reads a text."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service, and what Apprise does not say of it."""

    name: str
    #: how it reads a text; None where Apprise knows it, and the address may choose
    form: Form | None = None
    #: Apprise turns the text into the service's own markup; where not, it takes the text as it is
    translated: bool = True
    #: it shows a title, as plain text
    titled: bool = False
    #: the address names the server; anything else in an address may be a secret
    own_server: bool = False
    #: bytes of a text that it takes, where Apprise counts characters, or more of them
    most_bytes: int | None = None
    #: what the plugin calls the address that a tap on a message opens
    tap: str | None = None


# a longer text becomes an attachment, or nothing where its server keeps none
_NTFY = Service(name="ntfy", titled=True, own_server=True, most_bytes=4096, tap="click")
_GOTIFY = Service(name="Gotify", titled=True, own_server=True)
_MATRIX = Service(name="Matrix", form=Form.TEXT, own_server=True)
# these two read every text as Markdown, whatever Apprise thinks
_MATTERMOST = Service(name="Mattermost", form=Form.MARKDOWN, translated=False, own_server=True)
_HOME_ASSISTANT = Service(name="Home Assistant", form=Form.MARKDOWN, translated=False, titled=True, own_server=True)
_ROCKET_CHAT = Service(name="Rocket.Chat", form=Form.MARKDOWN, own_server=True)
_SIGNAL = Service(name="Signal (signal-cli-rest-api)", form=Form.TEXT, own_server=True)
_BARK = Service(name="Bark", form=Form.TEXT, titled=True, own_server=True, tap="click")
_TEAMS = Service(name="Microsoft Teams (Workflows)", form=Form.MARKDOWN, own_server=True)
_WEBEX = Service(name="Webex", form=Form.MARKDOWN)

#: scheme -> service
SERVICES = {
    "bark": _BARK,
    "barks": _BARK,
    "discord": Service(name="Discord", form=Form.MARKDOWN),
    "gchat": Service(name="Google Chat", form=Form.MARKDOWN),
    "gotify": _GOTIFY,
    "gotifys": _GOTIFY,
    "hassio": _HOME_ASSISTANT,
    "hassios": _HOME_ASSISTANT,
    "matrix": _MATRIX,
    "matrixs": _MATRIX,
    "mmost": _MATTERMOST,
    "mmosts": _MATTERMOST,
    "ntfy": _NTFY,
    "ntfys": _NTFY,
    "pbul": Service(name="Pushbullet", form=Form.TEXT, titled=True),
    "pover": Service(name="Pushover", titled=True, tap="supplemental_url"),
    "prowl": Service(name="Prowl", form=Form.TEXT, titled=True),
    "rocket": _ROCKET_CHAT,
    "rockets": _ROCKET_CHAT,
    "signal": _SIGNAL,
    "signals": _SIGNAL,
    "slack": Service(name="Slack", form=Form.MARKDOWN),
    "tgram": Service(name="Telegram", form=Form.HTML),
    "threema": Service(name="Threema", form=Form.TEXT, most_bytes=3500),
    "workflows": _TEAMS,
    "wxteams": _WEBEX,
    "zulip": Service(name="Zulip", form=Form.MARKDOWN, translated=False),
}

#: what else people call them -> scheme
OTHER_NAMES = {
    "googlechat": "gchat",
    "homeassistant": "hassio",
    "mattermost": "mmost",
    "msteams": "workflows",
    "pushbullet": "pbul",
    "pushover": "pover",
    "rocketchat": "rocket",
    "teams": "workflows",
    "telegram": "tgram",
    "webex": "wxteams",
    "workflow": "workflows",
}
