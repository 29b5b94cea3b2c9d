"""Words that PostgreSQL's parser joined ("Reuters/AFP", "said.Gaza") go into the vectors by themselves too."""

from django.db import migrations

_JOINING = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u24b6-\u24e9"
    "\U0001f130-\U0001f189"
)
_UNSPACED = (
    "\u0e00-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3100-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9fe\uaa60-\uaadf\uf900-\ufaff\uff66-\uff9d"
    "\U0001aff0-\U0001b16f\U00020000-\U0003fffd"
)
_APART = rf"[!-/:-@\[-`{{-~{_JOINING}{_UNSPACED}]+"
_JOINED = rf"\S*(?:[./@_~][^[:space:]]|&|[-+][[:digit:]]|[{_JOINING}{_UNSPACED}])\S*"

ADD = f"""
    UPDATE articles_article article SET search_vector = article.search_vector || apart.words
    FROM (
        SELECT a.id, to_tsvector('simple', string_agg(regexp_replace(joined[1], '{_APART}', ' ', 'g'), ' ')) AS words
        FROM articles_article a,
            LATERAL regexp_matches(translate(left(a.text, 100000), '<>', '  '), '{_JOINED}', 'g') AS found (joined)
        WHERE a.search_vector IS NOT NULL GROUP BY a.id
    ) AS apart
    WHERE apart.id = article.id AND apart.words <> ''::tsvector
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0008_long_articles")]
    operations = [migrations.RunSQL(ADD, migrations.RunSQL.noop)]
