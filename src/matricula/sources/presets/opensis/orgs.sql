-- Schools that have the school year.
SELECT
  REPLACE('school-#', '#', s.id) AS `sourcedId`,
  s.title AS `name`,
  'school' AS `type`,
  s.city AS `metadata.city`
FROM schools s
JOIN (
    -- part: school_years
  ) y ON y.school_id = s.id
ORDER BY s.id
