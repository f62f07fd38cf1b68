SELECT v.course_period_id, GROUP_CONCAT(DISTINCT TRIM(r.title)) AS rooms
FROM course_period_var v
JOIN rooms r ON r.room_id = v.room_id
GROUP BY v.course_period_id
