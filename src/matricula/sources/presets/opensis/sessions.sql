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
    -- The school year of each school: the one asked for, else that of the day, else the last that has begun.
    SELECT
      sy.school_id, sy.syear, MIN(sy.marking_period_id) AS id,
      MIN(sy.start_date) AS opens, MAX(sy.end_date) AS closes, COALESCE(:day, :today) AS day
    FROM school_years sy
    JOIN (
      SELECT COALESCE(
        :year,
        MAX(CASE WHEN COALESCE(:day, :today) BETWEEN start_date AND end_date THEN syear END),
        MAX(CASE WHEN start_date <= COALESCE(:day, :today) THEN syear END),
        MAX(syear)
      ) AS syear
      FROM school_years
      WHERE (:school IS NULL OR school_id = :school)
    ) chosen ON chosen.syear = sy.syear
    WHERE (:school IS NULL OR sy.school_id = :school)
    GROUP BY sy.school_id, sy.syear
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
