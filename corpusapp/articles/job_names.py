"""Under which names jobs are queued and done: apart, so that who only queues them imports no reader of files."""

IMPORT_UPLOAD = "import_upload"
QUEUE = "imports"
