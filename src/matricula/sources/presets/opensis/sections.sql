-- Sections. The marking period counts, not `mp`, which may say something else; one with dates of its own has none and
-- stands in the year.
SELECT
  REPLACE('section-#', '#', p.course_period_id) AS `sourcedId`,
  COALESCE(NULLIF(p.title, ''), NULLIF(p.short_name, ''), c.title) AS `title`,
  g.short_name AS `grades`,
  REPLACE('course-#', '#', p.course_id) AS `courseSourcedId`,
  p.short_name AS `classCode`,
  'scheduled' AS `classType`,
  r.rooms AS `location`,
  REPLACE('school-#', '#', p.school_id) AS `schoolSourcedId`,
  REPLACE('term-#', '#', COALESCE(t.id, y.id)) AS `termSourcedIds`,
  REPLACE(u.title, ',', ';') AS `subjects`,
  REPLACE(u.short_name, ',', ';') AS `subjectCodes`,
  w.periods AS `periods`,
  w.days AS `metadata.days`,
  COALESCE(CASE WHEN p.begin_date >= '1900-01-01' THEN p.begin_date END, t.start_date, y.opens) AS `metadata.beginDate`,
  COALESCE(CASE WHEN p.end_date >= '1900-01-01' THEN p.end_date END, t.end_date, y.closes) AS `metadata.endDate`,
  p.total_seats AS `metadata.seats`
FROM (
    -- part: school_years
  ) y
JOIN course_periods p ON p.school_id = y.school_id AND p.syear = y.syear
LEFT JOIN courses c ON c.course_id = p.course_id
LEFT JOIN course_subjects u ON u.subject_id = c.subject_id
LEFT JOIN school_gradelevels g ON g.id = c.grade_level
LEFT JOIN (
  SELECT marking_period_id AS id, school_id, syear, start_date, end_date FROM school_years
  UNION ALL
  SELECT marking_period_id, school_id, syear, start_date, end_date FROM school_semesters
  UNION ALL
  SELECT marking_period_id, school_id, syear, start_date, end_date FROM school_quarters
  UNION ALL
  SELECT marking_period_id, school_id, syear, start_date, end_date FROM school_progress_periods
) t ON t.id = p.marking_period_id AND t.school_id = p.school_id AND t.syear = p.syear
LEFT JOIN (
  SELECT
    v.course_period_id,
    GROUP_CONCAT(DISTINCT v.days) AS days,
    GROUP_CONCAT(DISTINCT REPLACE(COALESCE(NULLIF(sp.short_name, ''), sp.title), ',', ';')) AS periods
  FROM course_period_var v
  LEFT JOIN school_periods sp ON sp.period_id = v.period_id
  GROUP BY v.course_period_id
) w ON w.course_period_id = p.course_period_id
LEFT JOIN (
  -- part: rooms
) r ON r.course_period_id = p.course_period_id
ORDER BY p.course_period_id
