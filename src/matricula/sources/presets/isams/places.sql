-- Who is in which set or form. People who have left are passed over; codes that belong to nobody are handed on as they
-- are, so that they are listed.
SELECT
  REPLACE(REPLACE('set-{class}-pupil-{person}', '{class}', l.intSetID), '{person}', LTRIM(RTRIM(l.txtSchoolID)))
    AS "sourcedId",
  REPLACE('set-#', '#', l.intSetID) AS "classSourcedId",
  'school' AS "schoolSourcedId",
  REPLACE('pupil-#', '#', LTRIM(RTRIM(l.txtSchoolID))) AS "userSourcedId",
  'student' AS "role",
  'false' AS "primary"
FROM TblTeachingManagerSetLists l
JOIN TblTeachingManagerSets s ON s.TblTeachingManagerSetsID = l.intSetID
LEFT JOIN TblTeachingManagerSubjects u ON u.TblTeachingManagerSubjectsID = s.intSubject
LEFT JOIN TblPupilManagementPupils p ON p.txtSchoolID = l.txtSchoolID
WHERE COALESCE(s.blnActive, 1) <> 0
  AND COALESCE(u.txtSubjectName, '') NOT IN :excluded
  AND (p.txtSchoolID IS NULL OR p.intSystemStatus = 1)
UNION
SELECT
  REPLACE(REPLACE('set-{class}-staff-{person}', '{class}', m.intSetID), '{person}', COALESCE(REPLACE('#', '#', t.TblStaffID), m.code)),
  REPLACE('set-#', '#', m.intSetID),
  'school',
  COALESCE(REPLACE('staff-#', '#', t.TblStaffID), REPLACE('staff-code-#', '#', m.code)),
  'teacher',
  m.main
FROM (
  SELECT s.TblTeachingManagerSetsID AS intSetID, s.txtTeacher AS code, 'true' AS main
  FROM TblTeachingManagerSets s
  UNION ALL
  SELECT a.intSetID, a.txtTeacher, 'false'
  FROM TblTeachingManagerSetAssociatedTeachers a
  JOIN TblTeachingManagerSets s ON s.TblTeachingManagerSetsID = a.intSetID
  WHERE COALESCE(s.txtTeacher, '') <> a.txtTeacher
) m
JOIN TblTeachingManagerSets s ON s.TblTeachingManagerSetsID = m.intSetID
LEFT JOIN TblTeachingManagerSubjects u ON u.TblTeachingManagerSubjectsID = s.intSubject
LEFT JOIN TblStaff t ON t.User_Code = m.code
WHERE m.code <> ''
  AND COALESCE(s.blnActive, 1) <> 0
  AND COALESCE(u.txtSubjectName, '') NOT IN :excluded
  AND (t.TblStaffID IS NULL OR t.SystemStatus = '1')
UNION
SELECT
  REPLACE(REPLACE('form-{class}-pupil-{person}', '{person}', LTRIM(RTRIM(p.txtSchoolID))), '{class}', LTRIM(RTRIM(p.txtForm))),
  REPLACE('form-#', '#', LTRIM(RTRIM(p.txtForm))),
  'school',
  REPLACE('pupil-#', '#', LTRIM(RTRIM(p.txtSchoolID))),
  'student',
  'false'
FROM TblPupilManagementPupils p
WHERE p.intSystemStatus = 1
  AND p.txtForm <> ''
UNION
SELECT
  REPLACE(REPLACE('form-{class}-staff-{person}', '{person}', COALESCE(REPLACE('#', '#', t.TblStaffID), m.code)), '{class}', LTRIM(RTRIM(m.txtForm))),
  REPLACE('form-#', '#', LTRIM(RTRIM(m.txtForm))),
  'school',
  COALESCE(REPLACE('staff-#', '#', t.TblStaffID), REPLACE('staff-code-#', '#', m.code)),
  'teacher',
  m.main
FROM (
  SELECT txtForm, txtFormTutor AS code, 'true' AS main FROM TblSchoolManagementForms
  UNION ALL
  SELECT txtForm, txtAsstFormTutor, 'false' FROM TblSchoolManagementForms
  WHERE COALESCE(txtFormTutor, '') <> txtAsstFormTutor
  UNION ALL
  SELECT txtForm, txtAsstFormTutor2, 'false' FROM TblSchoolManagementForms
  WHERE COALESCE(txtFormTutor, '') <> txtAsstFormTutor2
) m
LEFT JOIN TblStaff t ON t.User_Code = m.code
WHERE m.code <> ''
  AND (t.TblStaffID IS NULL OR t.SystemStatus = '1')
