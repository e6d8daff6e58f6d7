--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: contents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.contents (
    number bigint NOT NULL,
    body json NOT NULL
);
ALTER TABLE ONLY public.contents ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: deliveries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.deliveries (
    outlet_id integer NOT NULL,
    event bigint NOT NULL,
    status text NOT NULL,
    attempts integer NOT NULL,
    first_attempt_at timestamp with time zone NOT NULL,
    last_attempt_at timestamp with time zone NOT NULL,
    next_attempt_at timestamp with time zone,
    error text,
    CONSTRAINT ck_deliveries_next_attempt_at CHECK (((status = 'retry'::text) = (next_attempt_at IS NOT NULL))),
    CONSTRAINT ck_deliveries_status CHECK ((status = ANY (ARRAY['retry'::text, 'sent'::text, 'parked'::text])))
);


--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    number bigint NOT NULL,
    type text NOT NULL,
    site_id integer NOT NULL,
    visit_id text,
    posting_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    unseen_at timestamp with time zone,
    content bigint NOT NULL,
    standing json NOT NULL,
    baseline boolean NOT NULL,
    reason text,
    changes json NOT NULL,
    significance text NOT NULL,
    evidence json NOT NULL,
    raw_hash text,
    CONSTRAINT ck_events_significance CHECK ((significance = ANY (ARRAY['material'::text, 'minor'::text, 'site-wide'::text]))),
    CONSTRAINT ck_events_type CHECK ((type = ANY (ARRAY['opened'::text, 'changed'::text, 'closed'::text, 'reopened'::text])))
);
ALTER TABLE ONLY public.events ALTER COLUMN changes SET COMPRESSION lz4;


--
-- Name: folded_postings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.folded_postings (
    posting_id text NOT NULL,
    title text,
    employer text,
    location text,
    types text,
    language text,
    remote boolean NOT NULL,
    currency text,
    salary_low double precision,
    salary_high double precision,
    posted date,
    closes date,
    described boolean NOT NULL,
    text text NOT NULL
);
ALTER TABLE ONLY public.folded_postings ALTER COLUMN text SET COMPRESSION lz4;


--
-- Name: hosts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.hosts (
    name text NOT NULL,
    owner text,
    until timestamp with time zone,
    wanted_by text,
    wanted_until timestamp with time zone,
    next_at timestamp with time zone,
    delay double precision NOT NULL,
    failures integer NOT NULL,
    failed_at timestamp with time zone,
    rests_until timestamp with time zone,
    reason text,
    wished boolean NOT NULL
);


--
-- Name: installation; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.installation (
    id integer NOT NULL,
    instance text NOT NULL,
    last_event bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    request_price double precision,
    interval_stretch double precision,
    CONSTRAINT ck_installation_one_row CHECK ((id = 1))
);


--
-- Name: kept_bodies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_bodies (
    hash text NOT NULL,
    content bytea NOT NULL
);


--
-- Name: kept_responses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_responses (
    visit_id text NOT NULL,
    number integer NOT NULL,
    site_id integer NOT NULL,
    request text NOT NULL,
    asked text NOT NULL,
    sent text,
    at timestamp with time zone NOT NULL,
    status integer,
    body text,
    facts json NOT NULL
);


--
-- Name: kept_visits; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_visits (
    visit_id text NOT NULL,
    asked_from timestamp with time zone NOT NULL,
    thorough boolean NOT NULL,
    cut_short text,
    site json NOT NULL
);


--
-- Name: logins; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.logins (
    id integer NOT NULL,
    hash text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    browser text NOT NULL
);


--
-- Name: logins_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.logins_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: logins_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.logins_id_seq OWNED BY public.logins.id;


--
-- Name: maintenance; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.maintenance (
    task text NOT NULL,
    "position" json,
    done_at timestamp with time zone
);


--
-- Name: outlets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outlets (
    id integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    options json NOT NULL,
    search_id integer,
    cursor bigint NOT NULL,
    since bigint NOT NULL,
    released_at timestamp with time zone,
    released bigint NOT NULL,
    held_until timestamp with time zone,
    token text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason text,
    trouble text
);


--
-- Name: outlets_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.outlets_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: outlets_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.outlets_id_seq OWNED BY public.outlets.id;


--
-- Name: pages; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pages (
    site_id integer NOT NULL,
    address text NOT NULL,
    url text NOT NULL,
    etag text,
    last_modified text,
    body_hash text,
    lastmod text,
    last_read_at timestamp with time zone NOT NULL,
    via text
);


--
-- Name: password; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.password (
    id integer NOT NULL,
    hash text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_password_one_row CHECK ((id = 1))
);


--
-- Name: posting_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.posting_keys (
    site_id integer NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    posting_id text NOT NULL,
    since bigint NOT NULL
);


--
-- Name: postings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postings (
    id text NOT NULL,
    site_id integer NOT NULL,
    content bigint NOT NULL,
    raw_hash text NOT NULL,
    page text NOT NULL,
    state text NOT NULL,
    first_seen timestamp with time zone NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    last_visit text NOT NULL,
    last_read timestamp with time zone NOT NULL,
    missing_since timestamp with time zone,
    missing_how text,
    missing_looks integer NOT NULL,
    closed_at timestamp with time zone,
    closed_reason text,
    closed_recorded_at timestamp with time zone,
    valid_until timestamp with time zone,
    links json NOT NULL,
    CONSTRAINT ck_postings_closed_at CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT ck_postings_state CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);


--
-- Name: raw_postings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.raw_postings (
    hash text NOT NULL,
    packed_with bigint,
    content bytea NOT NULL
);


--
-- Name: robots; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.robots (
    origin text NOT NULL,
    status integer,
    body bytea NOT NULL,
    fetched_at timestamp with time zone NOT NULL
);


--
-- Name: searches; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.searches (
    id integer NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    grammar integer NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: searches_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.searches_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: searches_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.searches_id_seq OWNED BY public.searches.id;


--
-- Name: site_days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.site_days (
    day date NOT NULL,
    site_id integer NOT NULL,
    complete integer NOT NULL,
    partial integer NOT NULL,
    suspect integer NOT NULL,
    failed integer NOT NULL,
    opened integer NOT NULL,
    changed integer NOT NULL,
    closed integer NOT NULL,
    reopened integer NOT NULL,
    growth integer NOT NULL
);


--
-- Name: sites; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sites (
    id integer NOT NULL,
    name text NOT NULL,
    start_url text NOT NULL,
    host_key text NOT NULL,
    source json,
    every integer,
    cron text,
    zone text,
    requests_a_day integer,
    rhythm json,
    demand double precision,
    least_requests double precision,
    most_requests double precision,
    render boolean NOT NULL,
    scope text,
    added_at timestamp with time zone NOT NULL,
    paused_at timestamp with time zone,
    removed_at timestamp with time zone,
    next_visit_at timestamp with time zone,
    come_back_at timestamp with time zone,
    baseline_done boolean NOT NULL,
    open integer NOT NULL,
    trust json NOT NULL,
    overrides json,
    health json NOT NULL,
    lease_owner text,
    lease_until timestamp with time zone,
    fence integer NOT NULL
);
ALTER TABLE ONLY public.sites ALTER COLUMN source SET COMPRESSION lz4;


--
-- Name: sites_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.sites_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: sites_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.sites_id_seq OWNED BY public.sites.id;


--
-- Name: tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tokens (
    id integer NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    scope text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT ck_tokens_scope CHECK ((scope = ANY (ARRAY['read'::text, 'write'::text, 'feeds'::text])))
);


--
-- Name: tokens_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.tokens_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: tokens_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.tokens_id_seq OWNED BY public.tokens.id;


--
-- Name: visits; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.visits (
    id text NOT NULL,
    site_id integer NOT NULL,
    fence integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome text,
    reason text,
    baseline boolean NOT NULL,
    listed integer NOT NULL,
    read integer NOT NULL,
    unreadable integer NOT NULL,
    opened integer NOT NULL,
    changed integer NOT NULL,
    closed integer NOT NULL,
    reopened integer NOT NULL,
    requests integer NOT NULL,
    answers json NOT NULL,
    not_modified integer NOT NULL,
    bytes bigint NOT NULL,
    notes json NOT NULL,
    CONSTRAINT ck_visits_outcome CHECK ((outcome = ANY (ARRAY['complete'::text, 'partial'::text, 'suspect'::text, 'failed'::text])))
);


--
-- Name: logins id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.logins ALTER COLUMN id SET DEFAULT nextval('public.logins_id_seq'::regclass);


--
-- Name: outlets id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlets ALTER COLUMN id SET DEFAULT nextval('public.outlets_id_seq'::regclass);


--
-- Name: searches id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.searches ALTER COLUMN id SET DEFAULT nextval('public.searches_id_seq'::regclass);


--
-- Name: sites id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sites ALTER COLUMN id SET DEFAULT nextval('public.sites_id_seq'::regclass);


--
-- Name: tokens id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tokens ALTER COLUMN id SET DEFAULT nextval('public.tokens_id_seq'::regclass);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0001');


--
-- Data for Name: contents; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.contents VALUES (1, '{"url":"https://acme.example/jobs/1","title":"Welder","organization":{"name":"Acme","url":null,"logo":null},"identifier":{"name":"Acme","value":"R-Welder-Berlin"},"locations":[{"locality":"Berlin","region":null,"country":"DE","postal_code":null,"street":null,"latitude":null,"longitude":null,"text":null}],"remote":false,"remote_regions":[],"employment_types":[],"salary":null,"date_posted":"2026-11-01","valid_through":null,"description_text":"We look for someone who welders well, every day, with care, in a team of nine people in Berlin. We look for someone who welders well, every day, with care, in a team of nine people in Berlin. We look for someone who welders well, every day, with care, in a team of nine people in Berlin. We look for someone who welders well, every day, with care, in a team of nine people in Berlin. We look for someone who welders well, every day, with care, in a team of nine people in Berlin. We look for someone who welders well, every day, with care, in a team of nine people in Berlin. ","description_html":null,"language":"en","direct_apply":null,"industry":null,"skills":null,"education":null,"experience":null,"syntax":"json-ld"}');
INSERT INTO public.contents VALUES (2, '{"url":"https://acme.example/jobs/2","title":"Turner","organization":{"name":"Acme","url":null,"logo":null},"identifier":{"name":"Acme","value":"R-Turner-Berlin"},"locations":[{"locality":"Berlin","region":null,"country":"DE","postal_code":null,"street":null,"latitude":null,"longitude":null,"text":null}],"remote":false,"remote_regions":[],"employment_types":[],"salary":null,"date_posted":"2026-11-01","valid_through":null,"description_text":"We look for someone who turners well, every day, with care, in a team of nine people in Berlin. We look for someone who turners well, every day, with care, in a team of nine people in Berlin. We look for someone who turners well, every day, with care, in a team of nine people in Berlin. We look for someone who turners well, every day, with care, in a team of nine people in Berlin. We look for someone who turners well, every day, with care, in a team of nine people in Berlin. We look for someone who turners well, every day, with care, in a team of nine people in Berlin. ","description_html":null,"language":"en","direct_apply":null,"industry":null,"skills":null,"education":null,"experience":null,"syntax":"json-ld"}');


--
-- Data for Name: deliveries; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.events VALUES (1, 'opened', 1, 'v_5y6cw3g4xs4txfdo', 'p_mysck46l4onabpus', '2026-11-01 08:00:00+00', NULL, 1, '{"site":"acme","state":"open","first_seen":"2026-11-01T08:00:00Z","last_seen":"2026-11-01T08:00:00Z"}', true, NULL, '{}', 'material', '{"url":"https://acme.example/jobs/1","status":200,"at":"2026-11-01T08:00:00Z","rule":"C.4 no known posting has its address, its identifier or its content"}', 'ddaaabd7232779fcd580723cff439bb8');
INSERT INTO public.events VALUES (2, 'opened', 1, 'v_5y6cw3g4xs4txfdo', 'p_r3wm7siosfvkfzsv', '2026-11-01 08:00:00+00', NULL, 2, '{"site":"acme","state":"open","first_seen":"2026-11-01T08:00:00Z","last_seen":"2026-11-01T08:00:00Z"}', true, NULL, '{}', 'material', '{"url":"https://acme.example/jobs/2","status":200,"at":"2026-11-01T08:00:00Z","rule":"C.4 no known posting has its address, its identifier or its content"}', '173d70825f91f5263ea4195b19804af8');


--
-- Data for Name: folded_postings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.folded_postings VALUES ('p_mysck46l4onabpus', ' welder ', ' acme ', ' berlin | germany | de ', NULL, ' en ', false, NULL, NULL, NULL, '2026-11-01', NULL, true, ' welder | acme | berlin | germany | r welder berlin | we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin ');
INSERT INTO public.folded_postings VALUES ('p_r3wm7siosfvkfzsv', ' turner ', ' acme ', ' berlin | germany | de ', NULL, ' en ', false, NULL, NULL, NULL, '2026-11-01', NULL, true, ' turner | acme | berlin | germany | r turner berlin | we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin ');


--
-- Data for Name: hosts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: installation; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.installation VALUES (1, '79450312866447f2852f0a95ebeac120', 2, '2026-11-26 06:31:42.67507+00', NULL, NULL);


--
-- Data for Name: kept_bodies; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: kept_responses; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: kept_visits; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: logins; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: maintenance; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: outlets; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: pages; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.pages VALUES (1, 'acme.example/jobs/1', 'https://acme.example/jobs/1', NULL, NULL, '00', NULL, '2026-11-01 08:00:00+00', NULL);
INSERT INTO public.pages VALUES (1, 'acme.example/jobs/2', 'https://acme.example/jobs/2', NULL, NULL, '00', NULL, '2026-11-01 08:00:00+00', NULL);


--
-- Data for Name: password; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: posting_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.posting_keys VALUES (1, 'address', 'acme.example/jobs/1', 'p_mysck46l4onabpus', 0);
INSERT INTO public.posting_keys VALUES (1, 'identifier', 'acme | r-welder-berlin', 'p_mysck46l4onabpus', 0);
INSERT INTO public.posting_keys VALUES (1, 'print', 'bdcaeeac461debd6d8072fc8326fd2ff', 'p_mysck46l4onabpus', 0);
INSERT INTO public.posting_keys VALUES (1, 'address', 'acme.example/jobs/2', 'p_r3wm7siosfvkfzsv', 1);
INSERT INTO public.posting_keys VALUES (1, 'identifier', 'acme | r-turner-berlin', 'p_r3wm7siosfvkfzsv', 1);
INSERT INTO public.posting_keys VALUES (1, 'print', '8837682a9901841de4021563f82da3df', 'p_r3wm7siosfvkfzsv', 1);


--
-- Data for Name: postings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.postings VALUES ('p_mysck46l4onabpus', 1, 1, 'ddaaabd7232779fcd580723cff439bb8', 'acme.example/jobs/1', 'open', '2026-11-01 08:00:00+00', '2026-11-01 08:00:00+00', 'v_5y6cw3g4xs4txfdo', '2026-11-01 08:00:00+00', NULL, NULL, 0, NULL, NULL, NULL, NULL, '[]');
INSERT INTO public.postings VALUES ('p_r3wm7siosfvkfzsv', 1, 2, '173d70825f91f5263ea4195b19804af8', 'acme.example/jobs/2', 'open', '2026-11-01 08:00:00+00', '2026-11-01 08:00:00+00', 'v_5y6cw3g4xs4txfdo', '2026-11-01 08:00:00+00', NULL, NULL, 0, NULL, NULL, NULL, NULL, '[]');


--
-- Data for Name: raw_postings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.raw_postings VALUES ('173d70825f91f5263ea4195b19804af8', 2, '\x28b52ffd60cd034d0b00f692381f5069eb306e139454373707631b4292bd568d889147cb07224c9f16273373c2300030002d008e698a6a99764ed1a77dfccb7e77f49364b35790377ec72fc155790c89381c08c411903824f224a9f66173685f5536015139e73134f278eb2f1a1c05b195b12c092453cfe624f99615fcbe8a37f9f25bb76c1e03c2c14912ae631ebd2f635a07102d6c557c63fb5e6cab75360becba5e6bfcee7bb8f6b5845a973fb78acf9f0403e9b1a56c5afb2e8dcbb5dfc38deee8274965c5f694478a5b19090426b405b2ed982e0bb02c298224d0fd2b99fdfcaa0f6f70b1e83b03bb59016a6b34203082c5989907a482033a600bb087b99e41e8358c0a097a6c949439eda90002e3d24ac3194a7008ec4de0045090ed5224b28bc4bd0b41990c06b6f290630463ed8c15181a17b680e7c009190208b50467fa8d54b1106e2004c4c40cd79a813426c1c5436e72bb1af80a798164854d34a6e3087a9d0ad13daa42c33ae0db22d65d8102');
INSERT INTO public.raw_postings VALUES ('ddaaabd7232779fcd580723cff439bb8', 1, '\x28b52ffd60cd03450b00e652381f5069eb306e139454373707631b4292bd94f4966040033b227e8a11273373c2300030002d008e698a6a99764ed1a77dfccb7e77f49364b35790377ec72fc155790c89381c08c411903824f224a9f66173685f5536015139e73134f278ab7a0d8e82d8ca58960492a96773927ccb0a7e5fc59b7cf9ad5b368f01e1e02409d7318fde9731ad03102d6c557c63fb5e6cab75360becba5e6bfcee7bb8f6b5845a973fb78acf9f0403e9b1a56c5afb2e8dcbb5dfc38deee8274965c5f694478a5b19084c680b64db315d166059520449a0fb5732fbf9551fdee062d1770676b302d4d634203082c5989907731231808f5921f63ed763103a0ba342821e1b25654e7b2a80c0b8b4d27086121c027b1338011464bb1489ec2271ef4250268381ad3ce418c1583b630586c6852de03970428600422dc1997e23552c841b08013131c3b566208d4970f1909bdcae06be425e205961138de938825ea742748faad0b00ef8b6887557a0');


--
-- Data for Name: robots; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: searches; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: site_days; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.site_days VALUES ('2026-11-01', 1, 1, 0, 0, 0, 0, 0, 0, 0, 2);


--
-- Data for Name: sites; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sites VALUES (1, 'acme', 'https://acme.example/jobs', 'acme.example', '{"kind":"sitemap","urls":["https://acme.example/sitemap.xml"],"feeds":[],"shapes":[],"rejected":[],"checks":[],"carries":false,"scope":null,"led":false,"reason":""}', NULL, NULL, NULL, NULL, '{"news":0.0,"days":0.0,"usual":0.0444,"hours":[],"weekdays":[],"weeks":[],"pending":0,"seen_at":"2026-11-01T08:00:00Z","cost":3}', NULL, NULL, NULL, false, NULL, '2026-11-01 08:00:00+00', NULL, NULL, '2026-11-01 14:00:00+00', NULL, true, 2, '{"identifier":"probation","token":"unknown","token_place":null}', NULL, '{"suspects":[],"failures":0,"first_failure_at":null,"last_complete_at":"2026-11-01T08:00:00Z","patience":1,"patience_raised_at":null,"ignores_valid_through":false,"sliding":{"days":null,"since":null,"until":null,"visits":0},"rewritten_at":null,"gone_since":null,"gone_visits":0,"lastmod":{"clean_visits":0,"lies":0},"attention":null,"accepted":null}', NULL, NULL, 1);


--
-- Data for Name: tokens; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: visits; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.visits VALUES ('v_5y6cw3g4xs4txfdo', 1, 1, '2026-11-01 08:00:00+00', '2026-11-01 08:00:00+00', 'complete', NULL, true, 2, 2, 0, 2, 0, 0, 0, 3, '{}', 0, 0, '[]');


--
-- Name: logins_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.logins_id_seq', 1, false);


--
-- Name: outlets_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.outlets_id_seq', 1, false);


--
-- Name: searches_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.searches_id_seq', 1, false);


--
-- Name: sites_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.sites_id_seq', 1, true);


--
-- Name: tokens_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.tokens_id_seq', 1, false);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: contents pk_contents; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.contents
    ADD CONSTRAINT pk_contents PRIMARY KEY (number);


--
-- Name: deliveries pk_deliveries; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT pk_deliveries PRIMARY KEY (outlet_id, event);


--
-- Name: events pk_events; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (number);


--
-- Name: folded_postings pk_folded_postings; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.folded_postings
    ADD CONSTRAINT pk_folded_postings PRIMARY KEY (posting_id);


--
-- Name: hosts pk_hosts; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hosts
    ADD CONSTRAINT pk_hosts PRIMARY KEY (name);


--
-- Name: installation pk_installation; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.installation
    ADD CONSTRAINT pk_installation PRIMARY KEY (id);


--
-- Name: kept_bodies pk_kept_bodies; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_bodies
    ADD CONSTRAINT pk_kept_bodies PRIMARY KEY (hash);


--
-- Name: kept_responses pk_kept_responses; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_responses
    ADD CONSTRAINT pk_kept_responses PRIMARY KEY (visit_id, number);


--
-- Name: kept_visits pk_kept_visits; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_visits
    ADD CONSTRAINT pk_kept_visits PRIMARY KEY (visit_id);


--
-- Name: logins pk_logins; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.logins
    ADD CONSTRAINT pk_logins PRIMARY KEY (id);


--
-- Name: maintenance pk_maintenance; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.maintenance
    ADD CONSTRAINT pk_maintenance PRIMARY KEY (task);


--
-- Name: outlets pk_outlets; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlets
    ADD CONSTRAINT pk_outlets PRIMARY KEY (id);


--
-- Name: pages pk_pages; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pages
    ADD CONSTRAINT pk_pages PRIMARY KEY (site_id, address);


--
-- Name: password pk_password; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password
    ADD CONSTRAINT pk_password PRIMARY KEY (id);


--
-- Name: posting_keys pk_posting_keys; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.posting_keys
    ADD CONSTRAINT pk_posting_keys PRIMARY KEY (site_id, kind, value, posting_id);


--
-- Name: postings pk_postings; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT pk_postings PRIMARY KEY (id);


--
-- Name: raw_postings pk_raw_postings; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.raw_postings
    ADD CONSTRAINT pk_raw_postings PRIMARY KEY (hash);


--
-- Name: robots pk_robots; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.robots
    ADD CONSTRAINT pk_robots PRIMARY KEY (origin);


--
-- Name: searches pk_searches; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.searches
    ADD CONSTRAINT pk_searches PRIMARY KEY (id);


--
-- Name: site_days pk_site_days; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.site_days
    ADD CONSTRAINT pk_site_days PRIMARY KEY (day, site_id);


--
-- Name: sites pk_sites; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT pk_sites PRIMARY KEY (id);


--
-- Name: tokens pk_tokens; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (id);


--
-- Name: visits pk_visits; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT pk_visits PRIMARY KEY (id);


--
-- Name: logins uq_logins_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.logins
    ADD CONSTRAINT uq_logins_hash UNIQUE (hash);


--
-- Name: outlets uq_outlets_name; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlets
    ADD CONSTRAINT uq_outlets_name UNIQUE (name);


--
-- Name: outlets uq_outlets_token; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlets
    ADD CONSTRAINT uq_outlets_token UNIQUE (token);


--
-- Name: searches uq_searches_name; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.searches
    ADD CONSTRAINT uq_searches_name UNIQUE (name);


--
-- Name: tokens uq_tokens_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT uq_tokens_hash UNIQUE (hash);


--
-- Name: tokens uq_tokens_name; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT uq_tokens_name UNIQUE (name);


--
-- Name: ix_deliveries_parked; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_deliveries_parked ON public.deliveries USING btree (outlet_id, event) WHERE (status = 'parked'::text);


--
-- Name: ix_deliveries_pending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_deliveries_pending ON public.deliveries USING btree (outlet_id) WHERE (status = 'retry'::text);


--
-- Name: ix_events_appeared; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_events_appeared ON public.events USING btree (at, number) WHERE ((type = 'opened'::text) AND (baseline IS FALSE));


--
-- Name: ix_events_posting_id_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_events_posting_id_number ON public.events USING btree (posting_id, number);


--
-- Name: ix_events_proven; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_events_proven ON public.events USING btree (raw_hash) WHERE (raw_hash IS NOT NULL);


--
-- Name: ix_events_site_id_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_events_site_id_number ON public.events USING btree (site_id, number);


--
-- Name: ix_events_unseen; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_events_unseen ON public.events USING btree (at, site_id, unseen_at) WHERE (unseen_at IS NOT NULL);


--
-- Name: ix_events_visit_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_events_visit_id ON public.events USING btree (visit_id);


--
-- Name: ix_kept_responses_body; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_kept_responses_body ON public.kept_responses USING btree (body);


--
-- Name: ix_kept_responses_site_id_request_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_kept_responses_site_id_request_at ON public.kept_responses USING btree (site_id, request, at);


--
-- Name: ix_outlets_search_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_outlets_search_id ON public.outlets USING btree (search_id);


--
-- Name: ix_posting_keys_kind_value; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_posting_keys_kind_value ON public.posting_keys USING btree (kind, value);


--
-- Name: ix_posting_keys_posting_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_posting_keys_posting_id ON public.posting_keys USING btree (posting_id);


--
-- Name: ix_postings_missing; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_postings_missing ON public.postings USING btree (site_id) WHERE ((state = 'open'::text) AND (missing_since IS NOT NULL));


--
-- Name: ix_postings_site_id_page; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_postings_site_id_page ON public.postings USING btree (site_id, page);


--
-- Name: ix_postings_site_id_state_first_seen; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_postings_site_id_state_first_seen ON public.postings USING btree (site_id, state, first_seen);


--
-- Name: ix_postings_site_id_state_last_visit; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_postings_site_id_state_last_visit ON public.postings USING btree (site_id, state, last_visit);


--
-- Name: ix_postings_state_closed_recorded_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_postings_state_closed_recorded_at ON public.postings USING btree (state, closed_recorded_at);


--
-- Name: ix_postings_state_first_seen; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_postings_state_first_seen ON public.postings USING btree (state, first_seen);


--
-- Name: ix_postings_state_valid_until; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_postings_state_valid_until ON public.postings USING btree (state, valid_until);


--
-- Name: ix_site_days_site_id_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_site_days_site_id_day ON public.site_days USING btree (site_id, day);


--
-- Name: ix_sites_host_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sites_host_key ON public.sites USING btree (host_key);


--
-- Name: ix_sites_leased; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sites_leased ON public.sites USING btree (lease_until) WHERE (lease_until IS NOT NULL);


--
-- Name: ix_sites_next_visit_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sites_next_visit_at ON public.sites USING btree (next_visit_at);


--
-- Name: ix_visits_ended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_visits_ended ON public.visits USING btree (ended_at) WHERE (ended_at IS NOT NULL);


--
-- Name: ix_visits_site_id_started_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_visits_site_id_started_at ON public.visits USING btree (site_id, started_at);


--
-- Name: ix_visits_started_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_visits_started_at ON public.visits USING btree (started_at);


--
-- Name: uq_sites_name_watched; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_sites_name_watched ON public.sites USING btree (name) WHERE (removed_at IS NULL);


--
-- Name: deliveries fk_deliveries_outlet_id_outlets; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_outlet_id_outlets FOREIGN KEY (outlet_id) REFERENCES public.outlets(id);


--
-- Name: events fk_events_content_contents; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_content_contents FOREIGN KEY (content) REFERENCES public.contents(number);


--
-- Name: events fk_events_posting_id_postings; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_posting_id_postings FOREIGN KEY (posting_id) REFERENCES public.postings(id);


--
-- Name: events fk_events_site_id_sites; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_site_id_sites FOREIGN KEY (site_id) REFERENCES public.sites(id);


--
-- Name: events fk_events_visit_id_visits; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_visit_id_visits FOREIGN KEY (visit_id) REFERENCES public.visits(id);


--
-- Name: folded_postings fk_folded_postings_posting_id_postings; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.folded_postings
    ADD CONSTRAINT fk_folded_postings_posting_id_postings FOREIGN KEY (posting_id) REFERENCES public.postings(id);


--
-- Name: kept_responses fk_kept_responses_body_kept_bodies; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_responses
    ADD CONSTRAINT fk_kept_responses_body_kept_bodies FOREIGN KEY (body) REFERENCES public.kept_bodies(hash);


--
-- Name: kept_responses fk_kept_responses_site_id_sites; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_responses
    ADD CONSTRAINT fk_kept_responses_site_id_sites FOREIGN KEY (site_id) REFERENCES public.sites(id);


--
-- Name: kept_responses fk_kept_responses_visit_id_visits; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_responses
    ADD CONSTRAINT fk_kept_responses_visit_id_visits FOREIGN KEY (visit_id) REFERENCES public.visits(id);


--
-- Name: kept_visits fk_kept_visits_visit_id_visits; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_visits
    ADD CONSTRAINT fk_kept_visits_visit_id_visits FOREIGN KEY (visit_id) REFERENCES public.visits(id);


--
-- Name: outlets fk_outlets_search_id_searches; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlets
    ADD CONSTRAINT fk_outlets_search_id_searches FOREIGN KEY (search_id) REFERENCES public.searches(id);


--
-- Name: pages fk_pages_site_id_sites; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pages
    ADD CONSTRAINT fk_pages_site_id_sites FOREIGN KEY (site_id) REFERENCES public.sites(id);


--
-- Name: posting_keys fk_posting_keys_posting_id_postings; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.posting_keys
    ADD CONSTRAINT fk_posting_keys_posting_id_postings FOREIGN KEY (posting_id) REFERENCES public.postings(id);


--
-- Name: posting_keys fk_posting_keys_site_id_sites; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.posting_keys
    ADD CONSTRAINT fk_posting_keys_site_id_sites FOREIGN KEY (site_id) REFERENCES public.sites(id);


--
-- Name: postings fk_postings_content_contents; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT fk_postings_content_contents FOREIGN KEY (content) REFERENCES public.contents(number);


--
-- Name: postings fk_postings_site_id_sites; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT fk_postings_site_id_sites FOREIGN KEY (site_id) REFERENCES public.sites(id);


--
-- Name: raw_postings fk_raw_postings_packed_with_contents; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.raw_postings
    ADD CONSTRAINT fk_raw_postings_packed_with_contents FOREIGN KEY (packed_with) REFERENCES public.contents(number);


--
-- Name: site_days fk_site_days_site_id_sites; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.site_days
    ADD CONSTRAINT fk_site_days_site_id_sites FOREIGN KEY (site_id) REFERENCES public.sites(id);


--
-- Name: visits fk_visits_site_id_sites; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT fk_visits_site_id_sites FOREIGN KEY (site_id) REFERENCES public.sites(id);


--
-- PostgreSQL database dump complete
--


