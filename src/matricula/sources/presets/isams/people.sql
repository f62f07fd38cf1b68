-- Pupils and staff of now (intSystemStatus, SystemStatus: 1 current, 0 to come, -1 gone). iSAMS hands blanks down as
-- '&#x20;' where a name was exported as XML and read back.
SELECT
  REPLACE('pupil-#', '#', LTRIM(RTRIM(p.txtSchoolID))) AS "sourcedId",
  'true' AS "enabledUser",
  'school' AS "orgSourcedIds",
  'student' AS "role",
  p.txtUserCode AS "username",
  p.txtSchoolID AS "identifier",
  COALESCE(
    NULLIF(LTRIM(RTRIM(REPLACE(p.txtPreName, '&#x20;', ' '))), ''), LTRIM(RTRIM(REPLACE(p.txtForename, '&#x20;', ' ')))
  ) AS "givenName",
  LTRIM(RTRIM(REPLACE(p.txtSurname, '&#x20;', ' '))) AS "familyName",
  LTRIM(RTRIM(REPLACE(p.txtMiddleNames, '&#x20;', ' '))) AS "middleName",
  p.txtEmailAddress AS "email",
  REPLACE('#', '#', p.intNCYear) AS "grades",
  p.txtForm AS "metadata.form",
  p.txtAcademicHouse AS "metadata.house",
  n.txtYearName AS "metadata.yearName"
FROM TblPupilManagementPupils p
LEFT JOIN TblSchoolManagementYears n ON n.intNCYear = p.intNCYear
WHERE p.intSystemStatus = 1
UNION ALL
SELECT
  REPLACE('staff-#', '#', t.TblStaffID),
  'true',
  'school',
  CASE WHEN t.TeachingStaff = '1' THEN 'teacher' ELSE 'aide' END,
  t.User_Code,
  REPLACE('staff-#', '#', t.TblStaffID),
  COALESCE(
    NULLIF(LTRIM(RTRIM(REPLACE(t.PreName, '&#x20;', ' '))), ''), LTRIM(RTRIM(REPLACE(t.Firstname, '&#x20;', ' ')))
  ),
  LTRIM(RTRIM(REPLACE(t.Surname, '&#x20;', ' '))),
  '',
  t.SchoolEmailAddress,
  '',
  '',
  h.house,
  ''
FROM TblStaff t
LEFT JOIN (
  SELECT a.intStaff, MIN(h.txtHouseName) AS house
  FROM TblStaffManagementAcademicHouses a
  JOIN TblSchoolManagementHouses h ON h.TblSchoolManagementHousesID = a.intAcademicHouse
  GROUP BY a.intStaff
) h ON h.intStaff = t.TblStaffID
WHERE t.SystemStatus = '1'
