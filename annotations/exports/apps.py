from functools import partial

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "annotations.exports"
    label = "exports"

    def ready(self) -> None:
        from annotations.exports.subscribers import ExportsSubscriber
        from annotations.formats.drafts import read_file
        from annotations.formats.registry import formats
        from corpusapp.articles import ports, projects
        from corpusapp.backup import registry

        registry.register_files(
            "exports", "exports_export", "folder", "SELECT folder, state = 'finished' FROM exports_export"
        )
        ports.register(ExportsSubscriber())
        for form in formats.read():
            reader = partial(read_file, form=form)
            projects.register(form.name, form.title, reader, any_encoding=form.any_encoding)
