SELECT 'school' AS "sourcedId", :school AS "name", 'school' AS "type"
