CASE WHEN m.main = 'true' AND m.followed <= m.closes THEN DATE(m.followed, '-1 day') ELSE m.closes END
