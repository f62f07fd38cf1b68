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
    -- part: school_years
  ) y
JOIN courses c ON c.school_id = y.school_id AND c.syear = y.syear
LEFT JOIN course_subjects u ON u.subject_id = c.subject_id
LEFT JOIN school_gradelevels g ON g.id = c.grade_level
ORDER BY c.course_id
