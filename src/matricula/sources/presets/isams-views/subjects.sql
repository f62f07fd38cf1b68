SELECT
  REPLACE('subject-#', '#', LOWER(LTRIM(RTRIM(c.txtSubjectName)))) AS "sourcedId",
  MIN(LTRIM(RTRIM(c.txtSubjectName))) AS "title",
  'school' AS "orgSourcedId"
FROM VwMoodleCourseData c
WHERE c.txtSubjectName <> ''
GROUP BY LOWER(LTRIM(RTRIM(c.txtSubjectName)))
