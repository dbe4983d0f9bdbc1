-- The store as of its first release. Amounts are whole nano-coins (docs/rules.md M1), moments epoch milliseconds. Texts sort by
-- their bytes, as they do in the process.

-- Up Migration

-- Records: one row each, as JSON with its revision; beside it what the port looks for (core/stores/types.ts, INDEXES), as columns,
-- because JSON may hold texts that `->>` refuses (U+0000, half of a surrogate pair).
CREATE TABLE users (id text COLLATE "C" PRIMARY KEY, email text COLLATE "C", row json NOT NULL);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE TABLE clients (id text COLLATE "C" PRIMARY KEY, name text COLLATE "C", row json NOT NULL);
CREATE UNIQUE INDEX clients_name ON clients (name);
CREATE TABLE keys (id text COLLATE "C" PRIMARY KEY, owner_id text COLLATE "C", secret_id text COLLATE "C", former_id text COLLATE "C", row json NOT NULL);
CREATE INDEX keys_owner_id ON keys (owner_id, id);
CREATE UNIQUE INDEX keys_secret_id ON keys (secret_id);
CREATE UNIQUE INDEX keys_former_id ON keys (former_id);
CREATE TABLE consents (id text COLLATE "C" PRIMARY KEY, owner_id text COLLATE "C", row json NOT NULL);
CREATE INDEX consents_owner_id ON consents (owner_id, id);
CREATE TABLE sessions (id text COLLATE "C" PRIMARY KEY, user_id text COLLATE "C", row json NOT NULL);
CREATE INDEX sessions_user_id ON sessions (user_id, id);
CREATE TABLE credentials (id text COLLATE "C" PRIMARY KEY, row json NOT NULL);
CREATE TABLE sign_in_links (id text COLLATE "C" PRIMARY KEY, user_id text COLLATE "C", row json NOT NULL);
CREATE INDEX sign_in_links_user_id ON sign_in_links (user_id, id);
CREATE TABLE conversations (id text COLLATE "C" PRIMARY KEY, owner_id text COLLATE "C", row json NOT NULL);
CREATE INDEX conversations_owner_id ON conversations (owner_id, id);

-- What was said in conversations, in the order of the appends, and the files that go with it.
CREATE TABLE messages (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id text COLLATE "C" NOT NULL,
  event json NOT NULL
);
CREATE INDEX messages_conversation_id ON messages (conversation_id, seq);
CREATE TABLE files (
  place text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (place, id)
);

-- The change feed of records: revisions have no gaps and become visible in their order, because whoever writes one holds the
-- row of `feed` until the end of its transaction.
CREATE TABLE feed (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), revision bigint NOT NULL);
INSERT INTO feed (revision) VALUES (0);
CREATE TABLE changes (
  revision bigint PRIMARY KEY,
  collection text NOT NULL,
  id text COLLATE "C" NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

-- Processes that place holds. A node whose lease ran out is fenced: a batch of a fenced node commits nothing, and what it held is booked
-- by the others. `batch` is its last one, by which it knows after a cut connection whether that was committed.
-- `pepper_id` names the pepper that it digests keys with: nodes that run at one time have the same.
CREATE TABLE nodes (
  id text COLLATE "C" PRIMARY KEY,
  slot integer NOT NULL,
  name text NOT NULL,
  started_at bigint NOT NULL,
  lease_until timestamptz NOT NULL,
  fenced_at timestamptz,
  pepper_id text,
  batch text
) WITH (fillfactor = 20);
CREATE UNIQUE INDEX nodes_slot ON nodes (slot) WHERE fenced_at IS NULL;

-- Coin pools (docs/rules.md P). `opened` is false in the moment in which somebody is about to open it.
CREATE TABLE pools (
  id text COLLATE "C" PRIMARY KEY,
  opened boolean NOT NULL,
  balance numeric NOT NULL,
  held numeric NOT NULL,
  terms json NOT NULL,
  refill_from bigint NOT NULL,
  CHECK (held >= 0 AND held <= balance)
) WITH (fillfactor = 50);

CREATE TABLE holds (
  id text COLLATE "C" PRIMARY KEY,
  node_id text COLLATE "C" NOT NULL,
  placed_at bigint NOT NULL,
  facts json NOT NULL,
  lines json NOT NULL,
  progress json
) WITH (fillfactor = 70);
CREATE INDEX holds_node_id ON holds (node_id);

CREATE TABLE adjustments (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  pool text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  amount numeric NOT NULL,
  at bigint NOT NULL,
  by text NOT NULL,
  reason text NOT NULL
);
CREATE INDEX adjustments_pool ON adjustments (pool, seq);

-- One row for each call that was booked, in partitions by the UTC month in which the call was made. That moment is in a call's id, so
-- that a second settlement meets the same row. `seq` is the order of booking; a correction (docs/rules.md H6) gets a new one.
CREATE SEQUENCE usage_seq;
CREATE TABLE usage (
  id text COLLATE "C" NOT NULL,
  made_at bigint NOT NULL,
  seq bigint NOT NULL DEFAULT nextval('usage_seq'),
  settled_at bigint NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  key_id text COLLATE "C",
  model text COLLATE "C" NOT NULL,
  via text COLLATE "C" NOT NULL,
  expired boolean NOT NULL,
  entry json NOT NULL,
  PRIMARY KEY (id, made_at)
) PARTITION BY RANGE (made_at);
CREATE INDEX usage_newest ON usage (seq);
CREATE INDEX usage_owner_id ON usage (owner_id, seq);
CREATE INDEX usage_key_id ON usage (key_id, seq) WHERE key_id IS NOT NULL;

-- The entries that a correction took the place of.
CREATE TABLE corrected_usage (
  seq bigint PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  entry json NOT NULL
);

-- What pages read. A stretch is a UTC day (2026-11-21), a month (M2026-11: the M keeps months from lying between days), or all
-- time ('').
CREATE TABLE usage_totals (
  stretch text COLLATE "C" NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  via text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  requests bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost numeric NOT NULL,
  uncollected numeric NOT NULL,
  last_used_at bigint NOT NULL,
  PRIMARY KEY (owner_id, stretch, key_id, via, model)
) WITH (fillfactor = 70);
CREATE INDEX usage_totals_stretch ON usage_totals (stretch);
CREATE INDEX usage_totals_key_id ON usage_totals (key_id, stretch) WHERE key_id <> '';

-- The sums of all owners. Each node adds to rows of its own slot, so that no two wait for each other.
CREATE TABLE usage_sums (
  stretch text COLLATE "C" NOT NULL,
  via text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  slot integer NOT NULL,
  requests bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost numeric NOT NULL,
  uncollected numeric NOT NULL,
  last_used_at bigint NOT NULL,
  PRIMARY KEY (stretch, via, model, slot)
) WITH (fillfactor = 50);

-- Requests by UTC day and hour, of one owner, and of all by slot.
CREATE TABLE usage_hours (
  owner_id text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  hour smallint NOT NULL,
  requests bigint NOT NULL,
  PRIMARY KEY (owner_id, day, hour)
) WITH (fillfactor = 70);
CREATE INDEX usage_hours_day ON usage_hours (day);
CREATE TABLE usage_hour_sums (
  day text COLLATE "C" NOT NULL,
  hour smallint NOT NULL,
  slot integer NOT NULL,
  requests bigint NOT NULL,
  PRIMARY KEY (day, hour, slot)
) WITH (fillfactor = 50);

-- Who did what to whom.
CREATE TABLE audit_events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  details json
);
CREATE INDEX audit_events_actor ON audit_events (actor, seq);
CREATE INDEX audit_events_subject ON audit_events (subject, seq);
CREATE INDEX audit_events_action ON audit_events (action, seq);
CREATE INDEX audit_events_at ON audit_events (at);

-- What processes have to know of each other and nobody needs after a crash: nothing of it is written to the log.

-- Requests of an owner in a window (`most` in `seconds`) that began with its first; `granted` is what the last statement was given of it.
CREATE UNLOGGED TABLE rate_windows (
  owner_id text COLLATE "C" NOT NULL,
  most bigint NOT NULL,
  seconds bigint NOT NULL,
  used bigint NOT NULL,
  granted bigint NOT NULL,
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (owner_id, most, seconds)
) WITH (fillfactor = 50);

-- Requests of an owner that run now: `processes` has for each process how many, and until when it may be believed (epoch seconds).
-- `running`, `wanted` and `most` are those of the process that wrote last.
CREATE UNLOGGED TABLE running_requests (
  owner_id text COLLATE "C" PRIMARY KEY,
  running integer NOT NULL,
  wanted integer NOT NULL,
  most bigint NOT NULL,
  processes jsonb NOT NULL
) WITH (fillfactor = 50);

-- Answers of the chat that some process writes now, and where somebody reads along on another one, how far they have come.
CREATE UNLOGGED TABLE running_answers (
  id text COLLATE "C" PRIMARY KEY,
  owner_id text COLLATE "C" NOT NULL,
  message json,
  told_at timestamptz NOT NULL,
  read_until timestamptz,
  stopped boolean NOT NULL DEFAULT false
);
