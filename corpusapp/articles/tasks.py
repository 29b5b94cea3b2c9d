"""Background jobs: load by id, call one action."""

from corpusapp import jobs
from corpusapp.articles.job_names import IMPORT_UPLOAD, QUEUE
from corpusapp.articles.models import ImportBatch


@jobs.task(IMPORT_UPLOAD, queue=QUEUE)
def import_upload(batch_id: int) -> None:
    """Import what was uploaded, or what is left of it."""
    from corpusapp.articles.actions.uploads import work_off_upload

    if batch := ImportBatch.objects.select_related("corpus", "user").filter(pk=batch_id).first():
        work_off_upload(batch=batch)
