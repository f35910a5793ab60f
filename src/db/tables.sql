-- All tables. Ours begin with pl_, the others are the old program's, word for word, and never altered.
-- SERIAL is INTEGER for SQLite. No STRICT: the SQLite of an old Python could not read the file any more.

CREATE TABLE IF NOT EXISTS link_rules (
    id SERIAL NOT NULL,
    movie_title VARCHAR NOT NULL,
    tmdb_id INTEGER NOT NULL,
    show_name VARCHAR NOT NULL,
    episode INTEGER,
    season VARCHAR,
    episode_id INTEGER,
    series_id INTEGER,
    tvdb_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (movie_title, show_name)
);

CREATE TABLE IF NOT EXISTS settings (
    key VARCHAR NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key)
);

CREATE TABLE IF NOT EXISTS pl_rules (
    rule INTEGER NOT NULL PRIMARY KEY,
    movie_title TEXT NOT NULL,
    stored_title TEXT NOT NULL,
    episode INTEGER,
    last_episode INTEGER
);

CREATE TABLE IF NOT EXISTS pl_links (
    path TEXT NOT NULL PRIMARY KEY,
    rule INTEGER NOT NULL,
    named TEXT NOT NULL,
    target TEXT NOT NULL,
    was TEXT,
    sonarr INTEGER NOT NULL,
    series_id INTEGER NOT NULL,
    radarr INTEGER NOT NULL,
    movie_id INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS pl_untold (
    app TEXT NOT NULL,
    instance INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (app, instance, id)
);

CREATE TABLE IF NOT EXISTS pl_scans (
    sonarr INTEGER NOT NULL,
    series_id INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    again INTEGER NOT NULL,
    PRIMARY KEY (sonarr, series_id)
);

CREATE TABLE IF NOT EXISTS pl_meanings (
    rule INTEGER NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS pl_searches (
    title TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    shows INTEGER NOT NULL,
    tvdb_id INTEGER
);

CREATE TABLE IF NOT EXISTS pl_dismissed (
    suggestion TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE IF NOT EXISTS pl_runs (
    number BIGINT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS pl_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO pl_meta (name, value) VALUES ('schema', 2) ON CONFLICT (name) DO NOTHING
