"""URLs of sign-in, and of the user's own account and notices."""

from django.urls import path

from corpusapp.accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("account/", views.account, name="account"),
    path("account/tokens/<int:pk>/revoke/", views.revoke, name="token-revoke"),
    path("account/password/", views.change_password, name="password-change"),
    path("account/password/changed/", views.password_changed, name="password-changed"),
    path("account/email/", views.email, name="account-email"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.notices_read, name="notices-read"),
    path("notices/<int:pk>/open/", views.notice_open, name="notice-open"),
    path("account/keys/", views.keys, name="keys"),
    path("account/reading-view/", views.reading_view, name="reading-view"),
]
