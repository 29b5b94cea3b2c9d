from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "annotations.releases"
    label = "releases"

    def ready(self) -> None:
        from annotations.exports import sources
        from annotations.releases.queries.files import source_of_export
        from annotations.releases.subscribers import ReleasesSubscriber
        from corpusapp.articles import ports
        from corpusapp.backup import registry

        registry.register_files(
            "releases",
            "releases_release",
            "sha256",
            "SELECT sha256 || '.jsonl.gz', true FROM releases_release WHERE sha256 <> ''",
            mode=0o400,
        )
        sources.register_releases(source_of_export)
        ports.register(ReleasesSubscriber())
