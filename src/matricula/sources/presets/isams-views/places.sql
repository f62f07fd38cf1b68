-- The same row twice (the view is put together with UNION ALL) is listed and counts once. Rows without a course, such as
-- those of a pupil without a house, say nothing.
SELECT
  REPLACE(REPLACE(REPLACE('{course}:{person}:{role}', '{role}', e.intRoleID), '{person}', e.person), '{course}', e.txtSetCode)
    AS "sourcedId",
  REPLACE('course-#', '#', e.txtSetCode) AS "classSourcedId",
  'school' AS "schoolSourcedId",
  e.person AS "userSourcedId",
  CASE REPLACE('#', '#', e.intRoleID) WHEN '5' THEN 'student' WHEN '3' THEN 'teacher' ELSE REPLACE('ext:#', '#', e.intRoleID) END AS "role"
FROM (
  SELECT
    txtSetCode,
    intRoleID,
    CASE
      WHEN LTRIM(RTRIM(txtEmailAddress)) <> '' THEN REPLACE('person-#', '#', LOWER(LTRIM(RTRIM(txtEmailAddress))))
      ELSE REPLACE(
        REPLACE('name-{given} {family}', '{given}', COALESCE(LTRIM(RTRIM(REPLACE(txtForename, '&#x20;', ' '))), '')),
        '{family}',
        COALESCE(LTRIM(RTRIM(REPLACE(txtSurname, '&#x20;', ' '))), '')
      )
    END AS person
  FROM VwMoodleEnrolData
  WHERE txtSetCode <> ''
    AND (txtEmailAddress <> '' OR txtForename <> '' OR txtSurname <> '')
) e
