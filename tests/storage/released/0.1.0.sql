BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE contents (
	number INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_contents PRIMARY KEY (number)
);
INSERT INTO "contents" VALUES(1,X'0128B52FFD608F0325050012C7161A80C739D088F97B566E91883D9F4D983A06CCAA7B7BD4344680062E9E6CCFFCA59695B5E219A397F279C3E48551CFA7C1C44D7BE13EE99E7779FEDAEB3AB7554CD84D1F39100A1CE29A00ED491E390C27D881F1648A8617D78487170054929C2094C0E092FC40F7880AFD2886E069B03296EA6A3120922B62C12861805D8913182F050586922F1A06821424AECA80A360D0DF07AC801591C2961C451CA6754208');
INSERT INTO "contents" VALUES(2,X'0128B52FFD608F0335050052C7171B80B939E82006A543928820F66C3E619AC000B3FE61ADA039899D064E9E6BBF7C959497B5E29DD12AF99C2132E3D2F369F0E0867D719FCC3F37E7659EAFF6BACD6C172776D32F001064708E2B12B02BA6200494665884F25C8A8C2757848D160054929C2094C0E092FC40F7880AFD2806E331982A6D0720922B62C12861805D8913182F050586922F1A06821424AECA80A360D0DF07AC801591C2961C451CA6754208');
CREATE TABLE deliveries (
	outlet_id INTEGER NOT NULL, 
	event INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	first_attempt_at DATETIME NOT NULL, 
	last_attempt_at DATETIME NOT NULL, 
	next_attempt_at DATETIME, 
	error TEXT, 
	CONSTRAINT pk_deliveries PRIMARY KEY (outlet_id, event), 
	CONSTRAINT ck_deliveries_next_attempt_at CHECK ((status = 'retry') = (next_attempt_at IS NOT NULL)), 
	CONSTRAINT ck_deliveries_status CHECK (status IN ('retry', 'sent', 'parked')), 
	CONSTRAINT fk_deliveries_outlet_id_outlets FOREIGN KEY(outlet_id) REFERENCES outlets (id)
);
CREATE TABLE events (
	number INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	site_id INTEGER NOT NULL, 
	visit_id TEXT, 
	posting_id TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	unseen_at DATETIME, 
	content INTEGER NOT NULL, 
	standing JSON NOT NULL, 
	baseline BOOLEAN NOT NULL, 
	reason TEXT, 
	changes BLOB NOT NULL, 
	significance TEXT NOT NULL, 
	evidence JSON NOT NULL, 
	raw_hash TEXT, 
	CONSTRAINT pk_events PRIMARY KEY (number), 
	CONSTRAINT ck_events_significance CHECK (significance IN ('material', 'minor', 'site-wide')), 
	CONSTRAINT ck_events_type CHECK (type IN ('opened', 'changed', 'closed', 'reopened')), 
	CONSTRAINT fk_events_content_contents FOREIGN KEY(content) REFERENCES contents (number), 
	CONSTRAINT fk_events_posting_id_postings FOREIGN KEY(posting_id) REFERENCES postings (id), 
	CONSTRAINT fk_events_site_id_sites FOREIGN KEY(site_id) REFERENCES sites (id), 
	CONSTRAINT fk_events_visit_id_visits FOREIGN KEY(visit_id) REFERENCES visits (id)
);
INSERT INTO "events" VALUES(1,'opened',1,'v_nx5vaughjadn3rdp','p_rbrp5ykt5szxh4yq','2026-11-01 08:00:00.000000',NULL,1,'{"site":"acme","state":"open","first_seen":"2026-11-01T08:00:00Z","last_seen":"2026-11-01T08:00:00Z"}',1,NULL,X'7B7D','material','{"url":"https://acme.example/jobs/1","status":200,"at":"2026-11-01T08:00:00Z","rule":"C.4 no known posting has its address, its identifier or its content"}','ddaaabd7232779fcd580723cff439bb8');
INSERT INTO "events" VALUES(2,'opened',1,'v_nx5vaughjadn3rdp','p_mjodquq5n3tlsvbq','2026-11-01 08:00:00.000000',NULL,2,'{"site":"acme","state":"open","first_seen":"2026-11-01T08:00:00Z","last_seen":"2026-11-01T08:00:00Z"}',1,NULL,X'7B7D','material','{"url":"https://acme.example/jobs/2","status":200,"at":"2026-11-01T08:00:00Z","rule":"C.4 no known posting has its address, its identifier or its content"}','173d70825f91f5263ea4195b19804af8');
CREATE TABLE folded_postings (
	posting_id TEXT NOT NULL, 
	title TEXT, 
	employer TEXT, 
	location TEXT, 
	types TEXT, 
	language TEXT, 
	remote BOOLEAN NOT NULL, 
	currency TEXT, 
	salary_low FLOAT, 
	salary_high FLOAT, 
	posted DATE, 
	closes DATE, 
	described BOOLEAN NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_folded_postings PRIMARY KEY (posting_id), 
	CONSTRAINT fk_folded_postings_posting_id_postings FOREIGN KEY(posting_id) REFERENCES postings (id)
);
INSERT INTO "folded_postings" VALUES('p_mjodquq5n3tlsvbq',' turner ',' acme ',' berlin | germany | de ',NULL,' en ',0,NULL,NULL,NULL,'2026-11-01',NULL,1,' turner | acme | berlin | germany | r turner berlin | we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin we look for someone who turners well every day with care in a team of nine people in berlin ');
INSERT INTO "folded_postings" VALUES('p_rbrp5ykt5szxh4yq',' welder ',' acme ',' berlin | germany | de ',NULL,' en ',0,NULL,NULL,NULL,'2026-11-01',NULL,1,' welder | acme | berlin | germany | r welder berlin | we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin we look for someone who welders well every day with care in a team of nine people in berlin ');
CREATE TABLE hosts (
	name TEXT NOT NULL, 
	owner TEXT, 
	until DATETIME, 
	wanted_by TEXT, 
	wanted_until DATETIME, 
	next_at DATETIME, 
	delay FLOAT NOT NULL, 
	failures INTEGER NOT NULL, 
	failed_at DATETIME, 
	rests_until DATETIME, 
	reason TEXT, 
	wished BOOLEAN NOT NULL, 
	CONSTRAINT pk_hosts PRIMARY KEY (name)
);
CREATE TABLE installation (
	id INTEGER NOT NULL, 
	instance TEXT NOT NULL, 
	last_event INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	request_price FLOAT, 
	interval_stretch FLOAT, 
	CONSTRAINT pk_installation PRIMARY KEY (id), 
	CONSTRAINT ck_installation_one_row CHECK (id = 1)
);
INSERT INTO "installation" VALUES(1,'a67595d41cfd4871a39664e496f0b386',2,'2026-11-26 05:19:00.651810',NULL,NULL);
CREATE TABLE kept_bodies (
	hash TEXT NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT pk_kept_bodies PRIMARY KEY (hash)
);
CREATE TABLE kept_responses (
	visit_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	site_id INTEGER NOT NULL, 
	request TEXT NOT NULL, 
	asked TEXT NOT NULL, 
	sent TEXT, 
	at DATETIME NOT NULL, 
	status INTEGER, 
	body TEXT, 
	facts JSON NOT NULL, 
	CONSTRAINT pk_kept_responses PRIMARY KEY (visit_id, number), 
	CONSTRAINT fk_kept_responses_body_kept_bodies FOREIGN KEY(body) REFERENCES kept_bodies (hash), 
	CONSTRAINT fk_kept_responses_site_id_sites FOREIGN KEY(site_id) REFERENCES sites (id), 
	CONSTRAINT fk_kept_responses_visit_id_visits FOREIGN KEY(visit_id) REFERENCES visits (id)
);
CREATE TABLE kept_visits (
	visit_id TEXT NOT NULL, 
	asked_from DATETIME NOT NULL, 
	thorough BOOLEAN NOT NULL, 
	cut_short TEXT, 
	site JSON NOT NULL, 
	CONSTRAINT pk_kept_visits PRIMARY KEY (visit_id), 
	CONSTRAINT fk_kept_visits_visit_id_visits FOREIGN KEY(visit_id) REFERENCES visits (id)
);
CREATE TABLE logins (
	id INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	browser TEXT NOT NULL, 
	CONSTRAINT pk_logins PRIMARY KEY (id), 
	CONSTRAINT uq_logins_hash UNIQUE (hash)
);
CREATE TABLE maintenance (
	task TEXT NOT NULL, 
	position JSON, 
	done_at DATETIME, 
	CONSTRAINT pk_maintenance PRIMARY KEY (task)
);
CREATE TABLE outlets (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	address TEXT NOT NULL, 
	options JSON NOT NULL, 
	search_id INTEGER, 
	cursor INTEGER NOT NULL, 
	since INTEGER NOT NULL, 
	released_at DATETIME, 
	released INTEGER NOT NULL, 
	held_until DATETIME, 
	token TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, 
	disabled_reason TEXT, 
	trouble TEXT, 
	CONSTRAINT pk_outlets PRIMARY KEY (id), 
	CONSTRAINT fk_outlets_search_id_searches FOREIGN KEY(search_id) REFERENCES searches (id), 
	CONSTRAINT uq_outlets_name UNIQUE (name), 
	CONSTRAINT uq_outlets_token UNIQUE (token)
);
CREATE TABLE pages (
	site_id INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	url TEXT NOT NULL, 
	etag TEXT, 
	last_modified TEXT, 
	body_hash TEXT, 
	lastmod TEXT, 
	last_read_at DATETIME NOT NULL, 
	via TEXT, 
	CONSTRAINT pk_pages PRIMARY KEY (site_id, address), 
	CONSTRAINT fk_pages_site_id_sites FOREIGN KEY(site_id) REFERENCES sites (id)
);
INSERT INTO "pages" VALUES(1,'acme.example/jobs/1','https://acme.example/jobs/1',NULL,NULL,'00',NULL,'2026-11-01 08:00:00.000000',NULL);
INSERT INTO "pages" VALUES(1,'acme.example/jobs/2','https://acme.example/jobs/2',NULL,NULL,'00',NULL,'2026-11-01 08:00:00.000000',NULL);
CREATE TABLE password (
	id INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	set_at DATETIME NOT NULL, 
	CONSTRAINT pk_password PRIMARY KEY (id), 
	CONSTRAINT ck_password_one_row CHECK (id = 1)
);
CREATE TABLE posting_keys (
	site_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	posting_id TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	CONSTRAINT pk_posting_keys PRIMARY KEY (site_id, kind, value, posting_id), 
	CONSTRAINT fk_posting_keys_posting_id_postings FOREIGN KEY(posting_id) REFERENCES postings (id), 
	CONSTRAINT fk_posting_keys_site_id_sites FOREIGN KEY(site_id) REFERENCES sites (id)
);
INSERT INTO "posting_keys" VALUES(1,'address','acme.example/jobs/1','p_rbrp5ykt5szxh4yq',0);
INSERT INTO "posting_keys" VALUES(1,'identifier','acme | r-welder-berlin','p_rbrp5ykt5szxh4yq',0);
INSERT INTO "posting_keys" VALUES(1,'print','bdcaeeac461debd6d8072fc8326fd2ff','p_rbrp5ykt5szxh4yq',0);
INSERT INTO "posting_keys" VALUES(1,'address','acme.example/jobs/2','p_mjodquq5n3tlsvbq',1);
INSERT INTO "posting_keys" VALUES(1,'identifier','acme | r-turner-berlin','p_mjodquq5n3tlsvbq',1);
INSERT INTO "posting_keys" VALUES(1,'print','8837682a9901841de4021563f82da3df','p_mjodquq5n3tlsvbq',1);
CREATE TABLE postings (
	id TEXT NOT NULL, 
	site_id INTEGER NOT NULL, 
	content INTEGER NOT NULL, 
	raw_hash TEXT NOT NULL, 
	page TEXT NOT NULL, 
	state TEXT NOT NULL, 
	first_seen DATETIME NOT NULL, 
	last_seen DATETIME NOT NULL, 
	last_visit TEXT NOT NULL, 
	last_read DATETIME NOT NULL, 
	missing_since DATETIME, 
	missing_how TEXT, 
	missing_looks INTEGER NOT NULL, 
	closed_at DATETIME, 
	closed_reason TEXT, 
	closed_recorded_at DATETIME, 
	valid_until DATETIME, 
	links JSON NOT NULL, 
	CONSTRAINT pk_postings PRIMARY KEY (id), 
	CONSTRAINT ck_postings_closed_at CHECK ((state = 'closed') = (closed_at IS NOT NULL)), 
	CONSTRAINT ck_postings_state CHECK (state IN ('open', 'closed')), 
	CONSTRAINT fk_postings_content_contents FOREIGN KEY(content) REFERENCES contents (number), 
	CONSTRAINT fk_postings_site_id_sites FOREIGN KEY(site_id) REFERENCES sites (id)
);
INSERT INTO "postings" VALUES('p_rbrp5ykt5szxh4yq',1,1,'ddaaabd7232779fcd580723cff439bb8','acme.example/jobs/1','open','2026-11-01 08:00:00.000000','2026-11-01 08:00:00.000000','v_nx5vaughjadn3rdp','2026-11-01 08:00:00.000000',NULL,NULL,0,NULL,NULL,NULL,NULL,'[]');
INSERT INTO "postings" VALUES('p_mjodquq5n3tlsvbq',1,2,'173d70825f91f5263ea4195b19804af8','acme.example/jobs/2','open','2026-11-01 08:00:00.000000','2026-11-01 08:00:00.000000','v_nx5vaughjadn3rdp','2026-11-01 08:00:00.000000',NULL,NULL,0,NULL,NULL,NULL,NULL,'[]');
CREATE TABLE raw_postings (
	hash TEXT NOT NULL, 
	packed_with INTEGER, 
	content BLOB NOT NULL, 
	CONSTRAINT pk_raw_postings PRIMARY KEY (hash), 
	CONSTRAINT fk_raw_postings_packed_with_contents FOREIGN KEY(packed_with) REFERENCES contents (number)
);
INSERT INTO "raw_postings" VALUES('173d70825f91f5263ea4195b19804af8',2,X'28B52FFD60CD034D0B00F692381F5069EB306E139454373707631B4292BD568D889147CB07224C9F16273373C2300030002D008E698A6A99764ED1A77DFCCB7E77F49364B35790377EC72FC155790C89381C08C411903824F224A9F66173685F5536015139E73134F278EB2F1A1C05B195B12C092453CFE624F99615FCBE8A37F9F25BB76C1E03C2C14912AE631EBD2F635A07102D6C557C63FB5E6CAB75360BECBA5E6BFCEE7BB8F6B5845A973FB78ACF9F0403E9B1A56C5AFB2E8DCBB5DFC38DEEE8274965C5F694478A5B19090426B405B2ED982E0BB02C298224D0FD2B99FDFCAA0F6F70B1E83B03BB59016A6B34203082C5989907A482033A600BB087B99E41E8358C0A097A6C949439EDA90002E3D24AC3194A7008EC4DE0045090ED5224B28BC4BD0B41990C06B6F290630463ED8C15181A17B680E7C009190208B50467FA8D54B1106E2004C4C40CD79A813426C1C5436E72BB1AF80A798164854D34A6E3087A9D0AD13DAA42C33AE0DB22D65D8102');
INSERT INTO "raw_postings" VALUES('ddaaabd7232779fcd580723cff439bb8',1,X'28B52FFD60CD03450B00E652381F5069EB306E139454373707631B4292BD94F4966040033B227E8A11273373C2300030002D008E698A6A99764ED1A77DFCCB7E77F49364B35790377EC72FC155790C89381C08C411903824F224A9F66173685F5536015139E73134F278AB7A0D8E82D8CA58960492A96773927CCB0A7E5FC59B7CF9AD5B368F01E1E02409D7318FDE9731AD03102D6C557C63FB5E6CAB75360BECBA5E6BFCEE7BB8F6B5845A973FB78ACF9F0403E9B1A56C5AFB2E8DCBB5DFC38DEEE8274965C5F694478A5B19084C680B64DB315D166059520449A0FB5732FBF9551FDEE062D1770676B302D4D634203082C5989907731231808F5921F63ED763103A0BA342821E1B25654E7B2A80C0B8B4D27086121C027B1338011464BB1489EC2271EF4250268381AD3CE418C1583B630586C6852DE03970428600422DC1997E23552C841B08013131C3B566208D4970F1909BDCAE06BE425E205961138DE938825EA742748FAAD0B00EF8B6887557A0');
CREATE TABLE robots (
	origin TEXT NOT NULL, 
	status INTEGER, 
	body BLOB NOT NULL, 
	fetched_at DATETIME NOT NULL, 
	CONSTRAINT pk_robots PRIMARY KEY (origin)
);
CREATE TABLE searches (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	"query" TEXT NOT NULL, 
	grammar INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_searches PRIMARY KEY (id), 
	CONSTRAINT uq_searches_name UNIQUE (name)
);
CREATE TABLE site_days (
	day DATE NOT NULL, 
	site_id INTEGER NOT NULL, 
	complete INTEGER NOT NULL, 
	partial INTEGER NOT NULL, 
	suspect INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	opened INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	closed INTEGER NOT NULL, 
	reopened INTEGER NOT NULL, 
	growth INTEGER NOT NULL, 
	CONSTRAINT pk_site_days PRIMARY KEY (day, site_id), 
	CONSTRAINT fk_site_days_site_id_sites FOREIGN KEY(site_id) REFERENCES sites (id)
);
INSERT INTO "site_days" VALUES('2026-11-01',1,1,0,0,0,0,0,0,0,2);
CREATE TABLE sites (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	start_url TEXT NOT NULL, 
	host_key TEXT NOT NULL, 
	source JSON, 
	every INTEGER, 
	cron TEXT, 
	zone TEXT, 
	requests_a_day INTEGER, 
	rhythm JSON, 
	demand FLOAT, 
	least_requests FLOAT, 
	most_requests FLOAT, 
	render BOOLEAN NOT NULL, 
	scope TEXT, 
	added_at DATETIME NOT NULL, 
	paused_at DATETIME, 
	removed_at DATETIME, 
	next_visit_at DATETIME, 
	come_back_at DATETIME, 
	baseline_done BOOLEAN NOT NULL, 
	open INTEGER NOT NULL, 
	trust JSON NOT NULL, 
	overrides JSON, 
	health JSON NOT NULL, 
	lease_owner TEXT, 
	lease_until DATETIME, 
	fence INTEGER NOT NULL, 
	CONSTRAINT pk_sites PRIMARY KEY (id)
);
INSERT INTO "sites" VALUES(1,'acme','https://acme.example/jobs','acme.example','{"kind":"sitemap","urls":["https://acme.example/sitemap.xml"],"feeds":[],"shapes":[],"rejected":[],"checks":[],"carries":false,"scope":null,"led":false,"reason":""}',NULL,NULL,NULL,NULL,'{"news":0.0,"days":0.0,"usual":0.0444,"hours":[],"weekdays":[],"weeks":[],"pending":0,"seen_at":"2026-11-01T08:00:00Z","cost":3}',NULL,NULL,NULL,0,NULL,'2026-11-01 08:00:00.000000',NULL,NULL,'2026-11-01 14:00:00.000000',NULL,1,2,'{"identifier":"probation","token":"unknown","token_place":null}',NULL,'{"suspects":[],"failures":0,"first_failure_at":null,"last_complete_at":"2026-11-01T08:00:00Z","patience":1,"patience_raised_at":null,"ignores_valid_through":false,"sliding":{"days":null,"since":null,"until":null,"visits":0},"rewritten_at":null,"gone_since":null,"gone_visits":0,"lastmod":{"clean_visits":0,"lies":0},"attention":null,"accepted":null}',NULL,NULL,1);
CREATE TABLE tokens (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	CONSTRAINT pk_tokens PRIMARY KEY (id), 
	CONSTRAINT ck_tokens_scope CHECK (scope IN ('read', 'write', 'feeds')), 
	CONSTRAINT uq_tokens_hash UNIQUE (hash), 
	CONSTRAINT uq_tokens_name UNIQUE (name)
);
CREATE TABLE visits (
	id TEXT NOT NULL, 
	site_id INTEGER NOT NULL, 
	fence INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	outcome TEXT, 
	reason TEXT, 
	baseline BOOLEAN NOT NULL, 
	listed INTEGER NOT NULL, 
	read INTEGER NOT NULL, 
	unreadable INTEGER NOT NULL, 
	opened INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	closed INTEGER NOT NULL, 
	reopened INTEGER NOT NULL, 
	requests INTEGER NOT NULL, 
	answers JSON NOT NULL, 
	not_modified INTEGER NOT NULL, 
	bytes INTEGER NOT NULL, 
	notes JSON NOT NULL, 
	CONSTRAINT pk_visits PRIMARY KEY (id), 
	CONSTRAINT ck_visits_outcome CHECK (outcome IN ('complete', 'partial', 'suspect', 'failed')), 
	CONSTRAINT fk_visits_site_id_sites FOREIGN KEY(site_id) REFERENCES sites (id)
);
INSERT INTO "visits" VALUES('v_nx5vaughjadn3rdp',1,1,'2026-11-01 08:00:00.000000','2026-11-01 08:00:00.000000','complete',NULL,1,2,2,0,2,0,0,0,3,'{}',0,0,'[]');
CREATE INDEX ix_outlets_search_id ON outlets (search_id);
CREATE INDEX ix_sites_host_key ON sites (host_key);
CREATE INDEX ix_sites_leased ON sites (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_sites_next_visit_at ON sites (next_visit_at);
CREATE UNIQUE INDEX uq_sites_name_watched ON sites (name) WHERE removed_at IS NULL;
CREATE INDEX ix_deliveries_parked ON deliveries (outlet_id, event) WHERE status = 'parked';
CREATE INDEX ix_deliveries_pending ON deliveries (outlet_id) WHERE status = 'retry';
CREATE INDEX ix_postings_site_id_page ON postings (site_id, page);
CREATE INDEX ix_postings_site_id_state_last_visit ON postings (site_id, state, last_visit);
CREATE INDEX ix_postings_state_valid_until ON postings (state, valid_until);
CREATE INDEX ix_postings_state_closed_recorded_at ON postings (state, closed_recorded_at);
CREATE INDEX ix_postings_state_first_seen ON postings (state, first_seen);
CREATE INDEX ix_postings_site_id_state_first_seen ON postings (site_id, state, first_seen);
CREATE INDEX ix_postings_missing ON postings (site_id) WHERE state = 'open' AND missing_since IS NOT NULL;
CREATE INDEX ix_visits_site_id_started_at ON visits (site_id, started_at);
CREATE INDEX ix_visits_started_at ON visits (started_at);
CREATE INDEX ix_visits_ended ON visits (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX ix_events_posting_id_number ON events (posting_id, number);
CREATE INDEX ix_events_site_id_number ON events (site_id, number);
CREATE INDEX ix_events_visit_id ON events (visit_id);
CREATE INDEX ix_events_unseen ON events (at, site_id, unseen_at) WHERE unseen_at IS NOT NULL;
CREATE INDEX ix_events_proven ON events (raw_hash) WHERE raw_hash IS NOT NULL;
CREATE INDEX ix_events_appeared ON events (at, number) WHERE type = 'opened' AND baseline IS FALSE;
CREATE INDEX ix_site_days_site_id_day ON site_days (site_id, day);
CREATE INDEX ix_posting_keys_posting_id ON posting_keys (posting_id);
CREATE INDEX ix_posting_keys_kind_value ON posting_keys (kind, value);
CREATE INDEX ix_kept_responses_body ON kept_responses (body);
CREATE INDEX ix_kept_responses_site_id_request_at ON kept_responses (site_id, request, at);
COMMIT;
