-- The school year and its marking periods, which openSIS numbers from one generator; a school year is known by its end.
SELECT
  REPLACE('term-#', '#', t.id) AS `sourcedId`,
  t.title AS `title`,
  t.type AS `type`,
  t.start_date AS `startDate`,
  t.end_date AS `endDate`,
  REPLACE('term-#', '#', t.parent) AS `parentSourcedId`,
  SUBSTR(y.closes, 1, 4) AS `schoolYear`,
  t.short_name AS `metadata.shortName`
FROM (
    -- part: school_years
  ) y
JOIN (
  SELECT
    'schoolYear' AS type, marking_period_id AS id, NULL AS parent,
    school_id, syear, title, short_name, start_date, end_date
  FROM school_years
  UNION ALL
  SELECT 'semester', marking_period_id, year_id, school_id, syear, title, short_name, start_date, end_date
  FROM school_semesters
  UNION ALL
  SELECT 'gradingPeriod', marking_period_id, semester_id, school_id, syear, title, short_name, start_date, end_date
  FROM school_quarters
  UNION ALL
  SELECT 'gradingPeriod', marking_period_id, quarter_id, school_id, syear, title, short_name, start_date, end_date
  FROM school_progress_periods
) t ON t.school_id = y.school_id AND t.syear = y.syear
ORDER BY t.id
