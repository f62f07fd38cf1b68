SELECT
  REPLACE('set-#', '#', s.TblTeachingManagerSetsID) AS "sourcedId",
  COALESCE(NULLIF(LTRIM(RTRIM(s.txtName)), ''), s.txtSetCode) AS "title",
  s.txtSetCode AS "classCode",
  REPLACE('#', '#', s.intYear) AS "grades",
  REPLACE('subject-#', '#', s.intSubject) AS "courseSourcedId",
  'scheduled' AS "classType",
  'school' AS "schoolSourcedId",
  REPLACE('year-#', '#', y.ends) AS "termSourcedIds",
  REPLACE(u.txtSubjectName, ',', ';') AS "subjects",
  REPLACE(u.txtSubjectCode, ',', ';') AS "subjectCodes",
  n.txtYearName AS "metadata.yearName"
FROM TblTeachingManagerSets s
CROSS JOIN (
  SELECT COALESCE(:year, MAX(txtStartYear)) + 1 AS ends
  FROM TblTimetableManagerTimetables
  WHERE intPublished = '1'
) y
LEFT JOIN TblTeachingManagerSubjects u ON u.TblTeachingManagerSubjectsID = s.intSubject
LEFT JOIN TblSchoolManagementYears n ON n.intNCYear = s.intYear
WHERE COALESCE(s.blnActive, 1) <> 0
  AND COALESCE(u.txtSubjectName, '') NOT IN :excluded
UNION ALL
SELECT
  REPLACE('form-#', '#', LTRIM(RTRIM(f.txtForm))),
  f.txtForm,
  f.txtForm,
  REPLACE('#', '#', f.intNCYear),
  'form',
  'homeroom',
  'school',
  REPLACE('year-#', '#', y.ends),
  '',
  '',
  n.txtYearName
FROM TblSchoolManagementForms f
CROSS JOIN (
  SELECT COALESCE(:year, MAX(txtStartYear)) + 1 AS ends
  FROM TblTimetableManagerTimetables
  WHERE intPublished = '1'
) y
LEFT JOIN TblSchoolManagementYears n ON n.intNCYear = f.intNCYear
