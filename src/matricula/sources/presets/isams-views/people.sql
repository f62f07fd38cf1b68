-- Everyone once, by e-mail address. Somebody without one is known by name alone and so is no use: handed on without
-- username, e-mail and number, to be left out and listed. Two people with one address differ in their names, and are
-- left out and listed, too.
SELECT DISTINCT
  e.person AS "sourcedId",
  'true' AS "enabledUser",
  'school' AS "orgSourcedIds",
  CASE WHEN k.teaches > 0 THEN 'teacher' WHEN k.works > 0 THEN 'aide' ELSE 'student' END AS "role",
  e.email AS "username",
  e.given AS "givenName",
  e.family AS "familyName",
  e.email AS "email"
FROM (
  SELECT
    CASE
      WHEN LTRIM(RTRIM(txtEmailAddress)) <> '' THEN REPLACE('person-#', '#', LOWER(LTRIM(RTRIM(txtEmailAddress))))
      ELSE REPLACE(
        REPLACE('name-{given} {family}', '{given}', COALESCE(LTRIM(RTRIM(REPLACE(txtForename, '&#x20;', ' '))), '')),
        '{family}',
        COALESCE(LTRIM(RTRIM(REPLACE(txtSurname, '&#x20;', ' '))), '')
      )
    END AS person,
    LOWER(LTRIM(RTRIM(txtEmailAddress))) AS email,
    LTRIM(RTRIM(REPLACE(txtForename, '&#x20;', ' '))) AS given,
    LTRIM(RTRIM(REPLACE(txtSurname, '&#x20;', ' '))) AS family
  FROM VwMoodleEnrolData
  WHERE txtEmailAddress <> '' OR txtForename <> '' OR txtSurname <> ''
) e
JOIN (
  SELECT
    COALESCE(LOWER(LTRIM(RTRIM(txtEmailAddress))), '') AS email,
    MAX(CASE WHEN REPLACE('#', '#', intRoleID) = '3' OR txtSetCode IN :teaching_staff THEN 1 ELSE 0 END) AS teaches,
    MAX(CASE WHEN txtSetCode IN :staff THEN 1 ELSE 0 END) AS works
  FROM VwMoodleEnrolData
  GROUP BY COALESCE(LOWER(LTRIM(RTRIM(txtEmailAddress))), '')
) k ON k.email = COALESCE(e.email, '')
