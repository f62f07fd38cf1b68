-- Who is in which section: students by their schedules, teachers by the section and its changes of teacher.
SELECT
  REPLACE('schedule-#', '#', s.id) AS `sourcedId`,
  REPLACE('section-#', '#', p.course_period_id) AS `classSourcedId`,
  REPLACE('school-#', '#', p.school_id) AS `schoolSourcedId`,
  REPLACE('student-#', '#', s.student_id) AS `userSourcedId`,
  'student' AS `role`,
  NULL AS `primary`,
  CASE WHEN s.start_date >= '1900-01-01' THEN s.start_date END AS `beginDate`,
  CASE WHEN s.end_date >= '1900-01-01' THEN s.end_date WHEN p.marking_period_id IS NULL THEN p.closes END AS `endDate`
FROM (
  -- part: sections_on_the_day
) p
JOIN schedule s ON s.course_period_id = p.course_period_id
JOIN (
  SELECT course_period_id, MIN(start_date) AS opens FROM schedule GROUP BY course_period_id
) f ON f.course_period_id = p.course_period_id
WHERE (s.start_date <= p.day OR s.start_date = f.opens)
  AND (s.end_date IS NULL OR s.end_date < '1900-01-01' OR s.end_date >= p.day OR s.end_date >= p.closes)
  -- `dropped` is openSIS's own note that the last day is over, so a drop to come does not count before its day, and in
  -- a section that is over it says nothing of those who stayed to the end.
  AND (
    s.dropped IS NULL
    OR s.dropped <> 'Y'
    OR (s.end_date >= p.day AND s.end_date < p.closes)
    OR (s.end_date >= p.closes AND p.closes < p.day)
  )
  AND EXISTS (
    SELECT 1 FROM student_enrollment e
    WHERE e.student_id = s.student_id AND e.school_id = p.school_id AND e.syear = p.syear
      AND (e.end_date IS NULL OR e.end_date < '1900-01-01' OR e.end_date >= p.day OR e.end_date >= p.year_closes)
  )
UNION ALL
SELECT
  REPLACE(REPLACE('section-#-staff-@', '#', m.course_period_id), '@', m.person),
  REPLACE('section-#', '#', m.course_period_id),
  REPLACE('school-#', '#', m.school_id),
  REPLACE('staff-#', '#', m.person),
  'teacher',
  m.main,
  CASE WHEN m.main = 'true' AND m.since > m.opens THEN m.since ELSE m.opens END,
  -- part: last_day
FROM (
  SELECT t.*, a.main, CASE WHEN a.main = 'true' THEN t.teacher ELSE t.secondary_teacher_id END AS person
  FROM (
    -- Who teaches a section on the day: by the last change of teacher until then, else who was there before the first
    -- change to come, else the section's own. The mark `updated` only says whether openSIS has copied a change.
    SELECT
      p.*,
      COALESCE(
        (
          SELECT x.teacher_id FROM teacher_reassignment x
          WHERE x.course_period_id = p.course_period_id AND x.assign_date <= p.seen
          ORDER BY x.assign_date DESC, x.modified_date DESC LIMIT 1
        ),
        (
          SELECT x.pre_teacher_id FROM teacher_reassignment x
          WHERE x.course_period_id = p.course_period_id AND x.assign_date > p.seen
          ORDER BY x.assign_date, x.modified_date LIMIT 1
        ),
        p.teacher_id
      ) AS teacher,
      (
        SELECT MAX(x.assign_date) FROM teacher_reassignment x
        WHERE x.course_period_id = p.course_period_id AND x.assign_date <= p.seen
      ) AS since,
      (
        SELECT MIN(x.assign_date) FROM teacher_reassignment x
        WHERE x.course_period_id = p.course_period_id AND x.assign_date > p.seen
      ) AS followed
    FROM (
      -- part: sections_on_the_day
    ) p
  ) t
  CROSS JOIN (SELECT 'true' AS main UNION ALL SELECT 'false') a
) m
WHERE m.person > 0 AND (m.main = 'true' OR m.teacher IS NULL OR m.teacher <> m.person)
