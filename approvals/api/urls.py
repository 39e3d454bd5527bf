"""The portal's addresses below /api/v1/."""

from django.urls import path

from approvals.api import choices, expenses, leave

urlpatterns = [
    path("leave-types/", choices.LeaveTypeList.as_view(), name="api-leave-types"),
    path(
        "expense-categories/",
        choices.ExpenseCategoryList.as_view(),
        name="api-expense-categories",
    ),
    path("leave-requests/", leave.LeaveList.as_view(), name="api-leave-requests"),
    path("leave-requests/<slug:number>/", leave.LeaveDetail.as_view(), name="api-leave-request"),
    path(
        "leave-requests/<slug:number>/submit/",
        leave.LeaveSubmit.as_view(),
        name="api-leave-request-submit",
    ),
    path(
        "leave-requests/<slug:number>/withdraw/",
        leave.LeaveWithdraw.as_view(),
        name="api-leave-request-withdraw",
    ),
    path("expense-claims/", expenses.ClaimList.as_view(), name="api-expense-claims"),
    path(
        "expense-claims/<slug:number>/",
        expenses.ClaimDetail.as_view(),
        name="api-expense-claim",
    ),
    path(
        "expense-claims/<slug:number>/submit/",
        expenses.ClaimSubmit.as_view(),
        name="api-expense-claim-submit",
    ),
    path(
        "expense-claims/<slug:number>/withdraw/",
        expenses.ClaimWithdraw.as_view(),
        name="api-expense-claim-withdraw",
    ),
]
