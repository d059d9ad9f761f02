"""Strings that trip what builds statements, paths, formats or logs out of them."""

SQL = (
    "'", "''", '"', "`", "\\", "';", "'--", "' OR '1'='1", "' OR 1=1 --", "' OR 1=1#",
    "' OR 1=1/*", "') OR ('1'='1", "')) OR 1=1 --", "admin'--", "admin' #", "1 OR 1=1",
    "1; DROP TABLE keys", "'; DROP TABLE keys; --", "'; DELETE FROM keys; --",
    "'; UPDATE keys SET scopes='[\"admin\"]'; --", "' UNION SELECT NULL --",
    "' UNION SELECT digest FROM keys --", "' UNION ALL SELECT id,digest FROM keys --",
    "' AND 1=0 UNION SELECT sqlite_version() --", "'||pg_sleep(5)--", "'; SELECT pg_sleep(5)--",
    "1 AND pg_sleep(5)", "' || (SELECT digest FROM keys LIMIT 1) || '", "$$; SELECT 1; $$",
    "' AND (SELECT COUNT(*) FROM keys) > 0 --", "'; COPY keys TO '/tmp/x' --", "%' --", "_%",
    "' LIKE '%", "' ESCAPE '\\", "x' AND email IS NULL; --", "' HAVING 1=1 --",
    "' ORDER BY 100 --", "' GROUP BY id --", "0x27", "char(39)", "CHR(39)", "%27", "%2527",
    "%00'", "'+OR+1=1", "/**/OR/**/1=1", "' OR id LIKE 'key_%", "1e309", "-1", "NULL", "null",
    "'; ATTACH DATABASE '/tmp/x' AS x; --", "'; PRAGMA writable_schema=1; --", ":id", ":name",
    "%(id)s", "%s", "?", "$1", "{0}", "${7*7}", "{{7*7}}", "#{7*7}", "<%= 7*7 %>",
)  # fmt: skip

NAUGHTY = (
    "undefined", "None", "true", "NaN", "Infinity", "-0", "00", "1/0", "0x0", "1.0", "1,000",
    "999999999999999999999999999999", "", " ", "\t", "../../../../etc/passwd", "..\\..\\boot.ini",
    "%2e%2e%2f", "/dev/null", "C:\\", "file:///etc/passwd", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "javascript:alert(1)", '"><svg onload=alert(1)>',
    "&lt;", "`id`", "$(id)", "; id", "| id", "() { :; }; echo", "%n%n%n", "%x%x%x", "%p",
    "${jndi:ldap://127.0.0.1/a}", "*)(uid=*))(|(uid=*", '{"$gt": ""}', "[$ne]", "__proto__",
    "constructor", "key_", "key_" + "a" * 24, "rk_" + "a" * 74, "wk_", "Bearer", "Bearer Bearer",
    "a" * 4000, "." * 500, "eyJ.eyJ.x", "eyJhbGciOiJub25lIn0.e30.", "é" * 50, "日本語", "\u202e",
    "\ufeff", "\u200b", "😀" * 20, "ＳＥＬＥＣＴ", "ʼ OR 1=1", "＇ OR 1=1", "\u0000", "a\u0000b",
    "\x1b[31m", "\x7f",
)  # fmt: skip

HOSTILE = (*SQL, *NAUGHTY)
