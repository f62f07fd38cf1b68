-- Courses of the year. A list of the roster is parted by commas, so a comma in a subject's title becomes a semicolon.
SELECT
  REPLACE('course-#', '#', c.course_id) AS `sourcedId`,
  REPLACE('term-#', '#', y.id) AS `schoolYearSourcedId`,
  c.title AS `title`,
  c.short_name AS `courseCode`,
  g.short_name AS `grades`,
  REPLACE('school-#', '#', c.school_id) AS `orgSourcedId`,
  REPLACE(u.title, ',', ';') AS `subjects`,
  REPLACE(u.short_name, ',', ';') AS `subjectCodes`
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
JOIN courses c ON c.school_id = y.school_id AND c.syear = y.syear
LEFT JOIN course_subjects u ON u.subject_id = c.subject_id
LEFT JOIN school_gradelevels g ON g.id = c.grade_level
ORDER BY c.course_id
