CASE WHEN m.main = 'true' AND m.followed <= m.closes THEN DATE_SUB(m.followed, INTERVAL 1 DAY) ELSE m.closes END
