"""Scrapy settings of every crawl; `crawler.visit` adds the numbers of a visit (delay, concurrency, limits).

Loaded by name (`Settings().setmodule("crawler.settings")`), never through a scrapy.cfg that happens to lie in the
current folder. Objects reach the spider as arguments.
"""

from importlib.metadata import PackageNotFoundError, version

from crawler import codings

try:
    _VERSION = version("hirewatch")
except PackageNotFoundError:
    _VERSION = "0"

BOT_NAME = "hirewatch"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
USER_AGENT = f"hirewatch/{_VERSION} (+https://github.com/hirewatch/hirewatch)"

# Sent by the download handler with every request that says nothing else.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    "Accept-Encoding": codings.ACCEPTED,
}

# Manners: the delay is kept by the gate of each host (`crawler.gate`), which knows of other visits; Scrapy does not.
DOWNLOAD_DELAY = 0
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 16
ROBOTSTXT_OBEY = True

# Bounds: DOWNLOAD_TIMEOUT is the total time of a request, DOWNLOAD_MAXSIZE counts the body before and after decoding.
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
URLLENGTH_LIMIT = 2083
DEPTH_LIMIT = 20
HIREWATCH_SITEMAP_MAXSIZE = 50 * 1024 * 1024
HIREWATCH_HEADER_LIMIT = 256 * 1024
HIREWATCH_MAX_REDIRECTS = 10

# The wait before a request is repeated doubles from here; what a site asks for by Retry-After is honoured up to the
# limit, and ends the visit above it.
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504, 522, 524]
HIREWATCH_RETRY_WAIT = 1.0
HIREWATCH_RETRY_AFTER_LIMIT = 60.0

# Path of the Chromium that renders pages where a site is told to; looked for if empty.
HIREWATCH_BROWSER = ""

# Only http and https, by a handler that refuses to connect where the address policy does not hold.
DOWNLOAD_HANDLERS = {
    "http": "crawler.download.BoundedDownloadHandler",
    "https": "crawler.download.BoundedDownloadHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
DOWNLOAD_VERIFY_CERTIFICATES = True
TWISTED_DNS_RESOLVER = "network.resolver.PolicyResolver"
HIREWATCH_ALLOW_ADDRESSES: list[str] = []

# Both would open a port that runs Python; the others are not wanted or replaced below.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
REFERER_ENABLED = False
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False
REDIRECT_ENABLED = False
RETRY_ENABLED = False
COMPRESSION_ENABLED = False
HTTPPROXY_ENABLED = False
HTTPCACHE_ENABLED = False
AUTOTHROTTLE_ENABLED = False

# None of Scrapy's own. One that is switched off by name is imported all the same, and brings its libraries along.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.scope.ScopeMiddleware": 50,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.referer.RefererMiddleware": 450,
    "crawler.middlewares.retry.RetryMiddleware": 550,
    "crawler.middlewares.compression.CompressionMiddleware": 590,
    "crawler.middlewares.redirects.RedirectMiddleware": 600,
    "crawler.middlewares.counting.CountingMiddleware": 850,
}
# The visit asks by itself what it needs to know: no request passes the spider middlewares or the scheduler.
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"

# A hundred asyncio tasks would be started for each response otherwise.
CONCURRENT_ITEMS = 1
LOG_LEVEL = "WARNING"
LOG_INSTALL_ROOT_HANDLER = False
LOGSTATS_INTERVAL = 0
STATS_DUMP = False
MEMUSAGE_ENABLED = False
