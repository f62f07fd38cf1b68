-- Students, staff and parents. Their numbers overlap, and so do those of their logins, which belong to a profile: 3 is
-- students, 4 is parents, the others are staff.
-- Keys are made whole numbers where something is put together by them: openSIS has some as decimals, and MariaDB
-- compares those with others pair by pair.
SELECT
  REPLACE('student-#', '#', s.student_id) AS `sourcedId`,
  CASE WHEN s.is_disable = 'Y' THEN 'false' ELSE 'true' END AS `enabledUser`,
  e.schools AS `orgSourcedIds`,
  'student' AS `role`,
  (
    SELECT MIN(l.username) FROM login_authentication l WHERE l.user_id = s.student_id AND l.profile_id = 3
  ) AS `username`,
  s.first_name AS `givenName`,
  s.last_name AS `familyName`,
  s.middle_name AS `middleName`,
  s.alt_id AS `identifier`,
  s.email AS `email`,
  NULL AS `sms`,
  s.phone AS `phone`,
  a.parents AS `agentSourcedIds`,
  e.grades AS `grades`,
  s.common_name AS `metadata.commonName`,
  NULL AS `metadata.jobTitle`,
  s.student_id AS `metadata.openSISId`
FROM students s
JOIN (
  -- Enrolled in a school on the day; once the year is over, on its last day.
  SELECT
    CAST(e.student_id AS SIGNED) AS student_id,
    GROUP_CONCAT(DISTINCT REPLACE('school-#', '#', e.school_id)) AS schools,
    GROUP_CONCAT(DISTINCT g.short_name) AS grades
  FROM (
    -- part: school_years
  ) y
  JOIN student_enrollment e ON e.school_id = y.school_id AND e.syear = y.syear
  LEFT JOIN school_gradelevels g ON g.id = e.grade_id
  WHERE (e.end_date IS NULL OR e.end_date < '1900-01-01' OR e.end_date >= y.day OR e.end_date >= y.closes)
  GROUP BY e.student_id
) e ON e.student_id = s.student_id
LEFT JOIN (
  SELECT
    CAST(j.student_id AS SIGNED) AS student_id,
    GROUP_CONCAT(DISTINCT REPLACE('parent-#', '#', h.staff_id)) AS parents
  FROM students_join_people j
  JOIN people h ON h.staff_id = j.person_id
  WHERE (
    h.email <> ''
    OR EXISTS (
      SELECT 1
      FROM login_authentication l
      WHERE l.user_id = h.staff_id
        AND l.username <> ''
        AND (l.profile_id = 4 OR l.profile_id IN (SELECT id FROM user_profiles WHERE profile = 'parent'))
    )
  )
  GROUP BY j.student_id
) a ON a.student_id = s.student_id
UNION ALL
SELECT
  REPLACE('staff-#', '#', f.staff_id),
  -- Without access to openSIS nobody signs in there, whatever the login says.
  CASE WHEN f.is_disable = 'Y' OR i.opensis_access = 'N' THEN 'false' ELSE 'true' END,
  b.schools,
  CASE
    WHEN f.profile = 'teacher' THEN 'teacher'
    WHEN f.profile = 'admin' THEN 'administrator'
    WHEN i.category = 'Teacher' THEN 'teacher'
    WHEN i.category LIKE '%Administrator' THEN 'administrator'
    ELSE 'aide'
  END,
  COALESCE(
    (
      SELECT MIN(l.username)
      FROM login_authentication l
      WHERE l.user_id = f.staff_id
        AND l.profile_id = f.profile_id
        AND l.profile_id NOT IN (3, 4)
        AND l.profile_id NOT IN (SELECT id FROM user_profiles WHERE profile IN ('student', 'parent'))
    ),
    (
      SELECT MIN(l.username)
      FROM login_authentication l
      WHERE l.user_id = f.staff_id
        AND l.profile_id NOT IN (3, 4)
        AND l.profile_id NOT IN (SELECT id FROM user_profiles WHERE profile IN ('student', 'parent'))
    )
  ),
  f.first_name,
  f.last_name,
  f.middle_name,
  f.alternate_id,
  f.email,
  NULL,
  f.phone,
  NULL,
  NULL,
  NULL,
  i.job_title,
  f.staff_id
FROM staff f
JOIN (
  SELECT r.staff_id, GROUP_CONCAT(DISTINCT REPLACE('school-#', '#', r.school_id)) AS schools
  FROM (
    -- part: school_years
  ) y
  JOIN staff_school_relationship r ON r.school_id = y.school_id AND r.syear = y.syear
  WHERE (r.end_date IS NULL OR r.end_date < '1900-01-01' OR r.end_date >= y.day OR r.end_date >= y.closes)
  GROUP BY r.staff_id
) b ON b.staff_id = f.staff_id
LEFT JOIN staff_school_info i ON i.staff_id = f.staff_id
UNION ALL
SELECT
  REPLACE('parent-#', '#', h.staff_id),
  CASE WHEN h.is_disable = 'Y' THEN 'false' ELSE 'true' END,
  k.schools,
  CASE WHEN k.others > 0 THEN 'parent' ELSE 'guardian' END,
  COALESCE(
    (
      SELECT MIN(l.username)
      FROM login_authentication l
      WHERE l.user_id = h.staff_id
        AND l.profile_id = h.profile_id
        AND (l.profile_id = 4 OR l.profile_id IN (SELECT id FROM user_profiles WHERE profile = 'parent'))
    ),
    (
      SELECT MIN(l.username)
      FROM login_authentication l
      WHERE l.user_id = h.staff_id
        AND (l.profile_id = 4 OR l.profile_id IN (SELECT id FROM user_profiles WHERE profile = 'parent'))
    )
  ),
  h.first_name,
  h.last_name,
  h.middle_name,
  NULL,
  h.email,
  h.cell_phone,
  h.home_phone,
  NULL,
  NULL,
  NULL,
  NULL,
  h.staff_id
FROM people h
JOIN (
  SELECT
    CAST(j.person_id AS SIGNED) AS person_id,
    GROUP_CONCAT(DISTINCT REPLACE('school-#', '#', e.school_id)) AS schools,
    SUM(CASE WHEN j.relationship = 'Legal Guardian' THEN 0 ELSE 1 END) AS others
  FROM students_join_people j
  JOIN (
    SELECT CAST(e.student_id AS SIGNED) AS student_id, e.school_id
    FROM (
      -- part: school_years
    ) y
    JOIN student_enrollment e ON e.school_id = y.school_id AND e.syear = y.syear
    WHERE (e.end_date IS NULL OR e.end_date < '1900-01-01' OR e.end_date >= y.day OR e.end_date >= y.closes)
    GROUP BY e.student_id, e.school_id
  ) e ON e.student_id = j.student_id
  GROUP BY j.person_id
) k ON k.person_id = h.staff_id
-- Who has neither login nor address is a contact on paper.
WHERE (
    h.email <> ''
    OR EXISTS (
      SELECT 1
      FROM login_authentication l
      WHERE l.user_id = h.staff_id
        AND l.username <> ''
        AND (l.profile_id = 4 OR l.profile_id IN (SELECT id FROM user_profiles WHERE profile = 'parent'))
    )
  )
