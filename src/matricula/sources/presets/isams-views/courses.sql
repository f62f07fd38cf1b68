-- The key is the course's code as it stands there, to the letter: the other view names courses by it.
SELECT
  REPLACE('course-#', '#', c.txtCourseID) AS "sourcedId",
  c.txtFullName AS "title",
  c.txtCourseID AS "classCode",
  REPLACE('subject-#', '#', LOWER(LTRIM(RTRIM(c.txtSubjectName)))) AS "courseSourcedId",
  'scheduled' AS "classType",
  'school' AS "schoolSourcedId",
  REPLACE('year-#', '#', y.ends) AS "termSourcedIds",
  c.txtShortName AS "metadata.shortName",
  c.intCategoryID AS "metadata.categoryId"
FROM VwMoodleCourseData c
CROSS JOIN (
  SELECT COALESCE(:ends_in, 2000 + MAX(SUBSTR(txtCourseID, -2))) AS ends
  FROM VwMoodleCourseData
  WHERE txtCourseID LIKE '% - __-__' AND SUBSTR(txtCourseID, -2) BETWEEN '00' AND '99'
) y
WHERE c.txtCourseID <> ''
