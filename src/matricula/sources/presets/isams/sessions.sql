-- The school year, as long as its terms, and the terms. REPLACE makes text of numbers in every database alike.
SELECT
  REPLACE('year-#', '#', y.ends) AS "sourcedId",
  REPLACE(REPLACE('{begins}/{ends}', '{begins}', y.begins), '{ends}', y.ends) AS "title",
  'schoolYear' AS "type",
  COALESCE(MIN(d.txtStartDate), REPLACE('#-09-01', '#', y.begins)) AS "startDate",
  COALESCE(MAX(d.txtFinishDate), REPLACE('#-08-31', '#', y.ends)) AS "endDate",
  '' AS "parentSourcedId",
  REPLACE('#', '#', y.ends) AS "schoolYear"
FROM (
  SELECT COALESCE(:year, MAX(txtStartYear)) AS begins, COALESCE(:year, MAX(txtStartYear)) + 1 AS ends
  FROM TblTimetableManagerTimetables
  WHERE intPublished = '1'
) y
LEFT JOIN TblSchoolManagementTermDates d ON d.intSchoolYear = y.begins
WHERE y.begins IS NOT NULL
GROUP BY y.begins, y.ends
UNION ALL
SELECT
  REPLACE('term-#', '#', d.TblSchoolManagementTermDatesID),
  COALESCE(n.txtName, REPLACE('Term #', '#', d.intTerm)),
  'term',
  d.txtStartDate,
  d.txtFinishDate,
  REPLACE('year-#', '#', y.ends),
  REPLACE('#', '#', y.ends)
FROM (
  SELECT COALESCE(:year, MAX(txtStartYear)) AS begins, COALESCE(:year, MAX(txtStartYear)) + 1 AS ends
  FROM TblTimetableManagerTimetables
  WHERE intPublished = '1'
) y
JOIN TblSchoolManagementTermDates d ON d.intSchoolYear = y.begins
LEFT JOIN TblSchoolManagementTermNames n ON n.TblSchoolManagementTermNamesID = d.intTerm
