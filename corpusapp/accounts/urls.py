"""URLs of sign-in and the user's own account."""

from django.urls import path

from corpusapp.accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("account/", views.account, name="account"),
    path("account/tokens/<int:pk>/revoke/", views.revoke, name="token-revoke"),
    path("account/password/", views.change_password, name="password-change"),
    path("account/password/changed/", views.password_changed, name="password-changed"),
    path("account/keys/", views.keys, name="keys"),
    path("account/reading-view/", views.reading_view, name="reading-view"),
]
