"""Background jobs: load by id, call one action."""

from corpusapp import jobs
from corpusapp.articles.actions.uploads import IMPORT_UPLOAD, QUEUE, work_off_upload
from corpusapp.articles.models import ImportBatch


@jobs.task(IMPORT_UPLOAD, queue=QUEUE)
def import_upload(batch_id: int) -> None:
    """Import what was uploaded, or what is left of it."""
    if batch := ImportBatch.objects.select_related("corpus", "user").filter(pk=batch_id).first():
        work_off_upload(batch=batch)
