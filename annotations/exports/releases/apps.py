from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "annotations.exports.releases"
    label = "releases"

    def ready(self) -> None:
        from annotations.exports.releases.follower import ReleasesFollower
        from corpusapp.articles import ports

        ports.register(ReleasesFollower())
