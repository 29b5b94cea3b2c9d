"""Comments in the admin site: managers resolve and reopen those of their own corpora."""

from annotations.review.actions.comments import add_comment
from annotations.review.models import Comment
from tests.admin.addresses import page


def act(cast, name, action, *comments):
    sent = {"action": action, "_selected_action": [comment.pk for comment in comments]}
    answer = cast.client(name).post(page(Comment, "changelist"), sent, follow=True)
    return answer.status_code, [str(message) for message in answer.context["messages"]] if answer.context else []


def test_a_manager_resolves_and_reopens(cast):
    comment = cast.rows[Comment]
    assert act(cast, "manager", "resolve", comment) == (200, ["Resolved: 1 of 1."])
    comment.refresh_from_db()
    assert comment.resolved_by == cast.people["manager"]
    assert act(cast, "manager", "resolve", comment)[1] == [
        f"Left out: comment {comment.pk} is already resolved.", "Resolved: 0 of 1.",
    ]  # fmt: skip
    act(cast, "manager", "reopen", comment)
    comment.refresh_from_db()
    assert comment.open


def test_comments_of_other_corpora_do_not_change(cast):
    other = next(row for model, row in cast.others.items() if model is Comment)
    act(cast, "manager", "resolve", other)
    other.refresh_from_db()
    assert other.open


def test_the_list_is_filtered_by_open_comments(cast):
    comment = cast.rows[Comment]
    client = cast.client("manager")
    for state, found in (("open", [comment]), ("resolved", []), ("nonsense", [comment])):
        assert list(client.get(page(Comment, "changelist"), {"state": state}).context["cl"].result_list) == found


def test_a_reply_is_open_and_resolved_with_its_comment(cast):
    comment, manager = cast.rows[Comment], cast.people["manager"]
    reply = add_comment(user=manager, article=comment.article, text="Yes", reply_to=comment.pk)
    client = cast.client("manager")
    assert act(cast, "manager", "resolve", reply)[1][-1] == "Resolved: 0 of 1."
    act(cast, "manager", "resolve", comment)
    for state, found in (("open", []), ("resolved", [reply, comment])):
        assert list(client.get(page(Comment, "changelist"), {"state": state}).context["cl"].result_list) == found
