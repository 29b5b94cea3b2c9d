from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "corpusapp.accounts"
    label = "accounts"
    verbose_name = "Accounts"
