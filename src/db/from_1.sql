-- From the tables of version 4.0, in which a record of a link also was the note that the apps had still to hear of it.

INSERT INTO pl_untold (app, instance, id)
    SELECT DISTINCT 'sonarr', sonarr, series_id FROM pl_links WHERE told = 0 AND series_id > 0;
INSERT INTO pl_untold (app, instance, id)
    SELECT DISTINCT 'radarr', radarr, movie_id FROM pl_links WHERE told = 0 AND movie_id > 0;
DELETE FROM pl_links WHERE gone = 1;
ALTER TABLE pl_links DROP COLUMN placed;
ALTER TABLE pl_links DROP COLUMN gone;
ALTER TABLE pl_links DROP COLUMN told;
ALTER TABLE pl_links DROP COLUMN changed_at;
ALTER TABLE pl_links ADD COLUMN named TEXT NOT NULL DEFAULT ''
