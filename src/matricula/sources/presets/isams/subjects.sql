-- Subjects that are active or have sets, and one for all forms. A comma parts the entries of a list, so it becomes a
-- semicolon there.
SELECT
  REPLACE('subject-#', '#', u.TblTeachingManagerSubjectsID) AS "sourcedId",
  LTRIM(RTRIM(u.txtSubjectName)) AS "title",
  u.txtSubjectCode AS "courseCode",
  'school' AS "orgSourcedId",
  REPLACE(u.txtSubjectName, ',', ';') AS "subjects",
  REPLACE(u.txtSubjectCode, ',', ';') AS "subjectCodes"
FROM TblTeachingManagerSubjects u
WHERE u.txtSubjectName NOT IN :excluded
  AND (
    u.intActive = 1
    OR EXISTS (SELECT 1 FROM TblTeachingManagerSets s WHERE s.intSubject = u.TblTeachingManagerSubjectsID)
  )
UNION ALL
SELECT 'form', 'Form', 'FORM', 'school', '', ''
