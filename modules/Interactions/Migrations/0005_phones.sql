-- What identifies nobody finds no contact, and any number of contacts may have it: 0000000000, or what a carrier gives for a caller that
-- withholds his number. shared_by is 0 for a number that identifies its contact, and else the contact itself. So the key still lets one
-- contact alone own a number that identifies, and is still what event_params[phone_numbers] looks up. The default lets nodes of the version
-- before write meanwhile.
ALTER TABLE interactions.contact_phones
    ADD COLUMN shared_by bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT contact_phones_pkey,
    ADD CONSTRAINT contact_phones_pkey PRIMARY KEY (advertiser, number, extension, shared_by);

-- The same for e-mails (ContactEmail).
UPDATE interactions.contacts SET email_key = NULL
WHERE email_key NOT LIKE '_%@_%' OR email_key LIKE '%.invalid' OR email_key IN (
    'nonleadchat@reachlocal.com', 'noemail@noemail.com', 'no@email.com', 'none@none.com', 'na@na.com', 'test@test.com',
    'unknown@unknown.com', 'anonymous@anonymous.com');

-- Whose numbers 0005_phones_read has not read again yet; it drops the table in the end.
CREATE TABLE interactions.phones_to_read (
    advertiser bigint NOT NULL,
    CONSTRAINT phones_to_read_pkey PRIMARY KEY (advertiser)
);

INSERT INTO interactions.phones_to_read SELECT DISTINCT advertiser FROM interactions.contact_phones;
