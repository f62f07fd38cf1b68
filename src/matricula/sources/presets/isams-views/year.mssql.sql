SELECT
  REPLACE('year-#', '#', y.ends) AS "sourcedId",
  REPLACE(REPLACE('{begins}/{ends}', '{begins}', y.ends - 1), '{ends}', y.ends) AS "title",
  'schoolYear' AS "type",
  REPLACE('#-09-01', '#', y.ends - 1) AS "startDate",
  REPLACE('#-08-31', '#', y.ends) AS "endDate",
  REPLACE('#', '#', y.ends) AS "schoolYear"
FROM (
  SELECT COALESCE(:ends_in, 2000 + MAX(RIGHT(txtCourseID, 2))) AS ends
  FROM VwMoodleCourseData
  WHERE txtCourseID LIKE '% - [0-9][0-9]-[0-9][0-9]'
) y
WHERE y.ends IS NOT NULL
