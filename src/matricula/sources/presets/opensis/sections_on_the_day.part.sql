-- A section as it is on the day; before it begins as on its first day, after it ended as on its last.
SELECT
  q.*,
  CASE WHEN q.day < q.opens THEN q.opens WHEN q.day > q.closes THEN q.closes ELSE q.day END AS seen
FROM (
  SELECT
    cp.course_period_id, cp.school_id, cp.syear, cp.marking_period_id, cp.teacher_id, cp.secondary_teacher_id,
    y.day, y.closes AS year_closes,
    CASE WHEN cp.begin_date >= '1900-01-01' THEN cp.begin_date ELSE y.opens END AS opens,
    CASE WHEN cp.end_date >= '1900-01-01' THEN cp.end_date ELSE y.closes END AS closes
  FROM (
    -- part: school_years
  ) y
  JOIN course_periods cp ON cp.school_id = y.school_id AND cp.syear = y.syear
) q
