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
