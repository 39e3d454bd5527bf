"""The portal's pages."""

from django.urls import path

from approvals.views import (
    conversation,
    forms,
    home,
    inbox,
    notices,
    operate,
    request_page,
    requests,
    session,
    stuck,
    work_items,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("logout/", session.SignOut.as_view(), name="logout"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("work-items/<int:pk>/claim/", work_items.claim, name="work_item_claim"),
    path("work-items/<int:pk>/release/", work_items.release, name="work_item_release"),
    path("work-items/<int:pk>/transfer/", work_items.transfer, name="work_item_transfer"),
    # Below an address of its own: a flow may call an outcome `release` or `claim`.
    path(
        "work-items/<int:pk>/outcomes/<str:outcome>/",
        work_items.outcome,
        name="work_item_outcome",
    ),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/read/", notices.read, name="notice_read"),
    path("settings/", notices.settings, name="settings"),
    path("stuck/", stuck.stuck, name="stuck"),
    path("requests/", requests.mine, name="requests"),
    path("requests/new/", forms.choose, name="new_request"),
    path("requests/new/<slug:flow_key>/", forms.new, name="new_request_kind"),
    path("requests/<slug:number>/", request_page.page, name="request"),
    path("requests/<slug:number>/edit/", forms.edit, name="request_edit"),
    path("requests/<slug:number>/submit/", forms.submit, name="request_submit"),
    path("requests/<slug:number>/delete/", forms.delete, name="request_delete"),
    path("requests/<slug:number>/operate/<slug:what>/", operate.operate, name="request_operate"),
    path("requests/<slug:number>/comments/", conversation.comment, name="request_comment"),
    path("requests/<slug:number>/files/", conversation.attach, name="request_attach"),
    path("requests/<slug:number>/files/<int:pk>/", conversation.download, name="attachment"),
    path(
        "requests/<slug:number>/files/<int:pk>/remove/",
        conversation.remove,
        name="attachment_remove",
    ),
]
