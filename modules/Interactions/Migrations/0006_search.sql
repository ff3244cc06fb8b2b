-- The parameter q (build/decisions/0022-search.md). Contacts are indexed by their words, and interactions with notes by these and their
-- contact's: so a row that comes in without notes costs nothing but its contact, if that is new.
-- The indexes are of expressions: nodes of the version before keep them right without knowing them.

-- Lower case of every script, whatever the locale of the database is. A server without ICU knows the letters of its locale.
DO $do$
BEGIN
    EXECUTE format(
        'CREATE FUNCTION interactions.lower_case(value text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$ SELECT lower(value '
            'COLLATE %s) $$',
        CASE WHEN EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') THEN '"und-x-icu"' ELSE '"default"' END);
END
$do$;

-- The words of a text, of what is searched as of what is searched for: one space between two, in lower case, without punctuation. In a
-- database of another encoding than UTF-8 that is the punctuation of ASCII, and two forms of a letter are two letters.
DO $do$
BEGIN
    IF current_setting('server_encoding') = 'UTF8' THEN
        CREATE FUNCTION interactions.words(value text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
        BEGIN
            IF octet_length(value) = length(value) THEN
                value := lower(value COLLATE "C");
            ELSE
                -- A sigma at the end of a word has a form of its own, and what is searched for may end before.
                value := replace(interactions.lower_case(left(normalize(value, NFKC), 20000)), chr(962), chr(963));
            END IF;
            value := btrim(regexp_replace(
                value COLLATE "C",
                '[\u0001-\u002F\u003A-\u0060\u007B-\u00A9\u00AB-\u00B1\u00B4\u00B6-\u00B8\u00BB\u00BF\u00D7\u00F7\u2000-\u206F'
                    '\u3000-\u3004\u3008-\u3020\u3030\u30FB]+',
                ' ', 'g'));
            -- A lexeme has 2 kB at most, and nobody searches for more than 100 characters.
            IF octet_length(value) > 1000 THEN
                value := regexp_replace(value, '([^ ]{100})[^ ]+', '\1', 'g');
            END IF;
            RETURN value;
        END
        $$;
    ELSE
        CREATE FUNCTION interactions.words(value text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
        BEGIN
            value := btrim(regexp_replace(
                interactions.lower_case(left(value, 20000)) COLLATE "C", '[\u0001-\u002F\u003A-\u0060\u007B-\u007F]+', ' ', 'g'));
            RETURN regexp_replace(value, '([^ ]{100})[^ ]+', '\1', 'g');
        END
        $$;
    END IF;
END
$do$;

-- What is searched, each lexeme with its advertiser: 7000000000001/ada is a word or a number, and 7000000000001#555 three digits amid a
-- number, with their place. All ends of a number as lexemes would take twice the time of a new contact, and twice the room.
-- The cost has the planner look up the index rather than make the words of rows.
CREATE FUNCTION interactions.search_words(advertiser bigint, value text, phone_numbers json)
    RETURNS tsvector IMMUTABLE PARALLEL SAFE COST 1000 LANGUAGE plpgsql AS $$
DECLARE
    word text := ' ' || advertiser || '/';
    middle text := ' ' || advertiser || '#';
    lexemes text := interactions.words(value);
    number text := phone_numbers -> 0 ->> 'phone_number';
    digits text;
    place integer := 0;
    position integer := 0;
BEGIN
    IF lexemes <> '' THEN
        lexemes := word || replace(lexemes, ' ', word);
    END IF;
    -- Beyond that a vector would be too long, and the contact could not be stored.
    WHILE number IS NOT NULL AND place < 500 LOOP
        digits := substring(number FROM '[0-9]+');
        lexemes := lexemes || word || digits;
        FOR start IN 1 .. length(digits) - 2 LOOP
            lexemes := lexemes || middle || substr(digits, start, 3) || ':' || position + start;
        END LOOP;
        -- As it is dialled within the United Kingdom and Australia.
        IF number ~ '^\+(44|61)' THEN
            lexemes := lexemes || word || '0' || substr(digits, 3);
        END IF;
        IF number LIKE '% x%' THEN
            lexemes := lexemes || word || split_part(number, ' x', 2) || word || 'x' || split_part(number, ' x', 2);
        END IF;
        place := place + 1;
        position := position + length(digits);
        number := phone_numbers -> place ->> 'phone_number';
    END LOOP;
    RETURN lexemes::tsvector;
END
$$;

CREATE FUNCTION interactions.contact_words(advertiser bigint, first_name text, last_name text, display_name text, email text, company text,
    phone_numbers text) RETURNS tsvector IMMUTABLE PARALLEL SAFE COST 1000 LANGUAGE plpgsql AS $$
BEGIN
    RETURN interactions.search_words(
        advertiser, concat_ws(' ', first_name, last_name, display_name, email, company), phone_numbers::json);
END
$$;

CREATE FUNCTION interactions.noted_words(advertiser bigint, contact text, notes text)
    RETURNS tsvector IMMUTABLE PARALLEL SAFE COST 1000 LANGUAGE plpgsql AS $$
DECLARE
    c json := contact;
BEGIN
    RETURN interactions.search_words(
        advertiser,
        concat_ws(' ', c ->> 'first_name', c ->> 'last_name', c ->> 'display_name', c ->> 'email', c ->> 'company', notes),
        c -> 'phone_numbers');
END
$$;

-- What a word finds: @ stands for the advertiser. Three digits and more are found amid a number as well: the neighbours of one another.
-- More than 20 are no part of a number, and would take long to compare.
CREATE FUNCTION interactions.search_term(word text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE
        WHEN word !~ '^[0-9]{3,20}$' THEN format('''@/%s'':*', word)
        ELSE format('(''@/%s'':* | (%s))', word, (
            SELECT string_agg(format('''@#%s''', substr(word, start, 3)), ' <-> ' ORDER BY start)
            FROM generate_series(1, length(word) - 2) AS start))
    END
$$;

-- What is searched for among an advertiser's; null where it has no word. Words of digits in a row may also be one number:
-- (212) 555-01.
CREATE FUNCTION interactions.search_query(advertiser bigint, value text)
    RETURNS tsquery IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    words text[] := string_to_array(interactions.words(value), ' ');
    digits text[] := '{}';
    terms text[] := '{}';
    word text;
    term text;
BEGIN
    IF words = '{}' THEN
        RETURN NULL;
    END IF;
    FOREACH word IN ARRAY words || ARRAY[''] LOOP
        IF word ~ '^[0-9]' AND word !~ '[^0-9]' THEN
            digits := digits || word;
            CONTINUE;
        END IF;
        IF digits <> '{}' THEN
            terms := terms || format(
                CASE WHEN cardinality(digits) = 1 THEN '%s' ELSE '(%s | %s)' END,
                (SELECT string_agg(DISTINCT interactions.search_term(d), ' & ') FROM unnest(digits) AS d),
                interactions.search_term(array_to_string(digits, '')));
            digits := '{}';
        END IF;
        term := interactions.search_term(word);
        -- Each once: what is compared grows with the square.
        IF word <> '' AND term <> ALL (terms) THEN
            terms := terms || term;
        END IF;
    END LOOP;
    RETURN replace(array_to_string(terms, ' & '), '@', advertiser::text)::tsquery;
END
$$;

SET LOCAL maintenance_work_mem = '256MB';

CREATE INDEX contacts_by_words ON interactions.contacts
    USING gin (interactions.contact_words(advertiser, first_name, last_name, display_name, email, company, phone_numbers));

CREATE INDEX interactions_by_notes ON interactions.interactions
    USING gin (interactions.noted_words(advertiser, contact, notes)) WHERE notes IS NOT NULL;
