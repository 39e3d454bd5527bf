"""The engine's addresses below /api/v1/."""

from django.urls import path

from workflows.api.views import auth, cases, flows, index, jobs, operating, work_items

urlpatterns = [
    path("", index.Index.as_view(), name="api-index"),
    path("auth/token/", auth.TokenView.as_view(), name="api-token"),
    path("flows/", flows.FlowList.as_view(), name="api-flows"),
    path("flows/<slug:key>/", flows.FlowDetail.as_view(), name="api-flow"),
    path(
        "flows/<slug:key>/versions/<int:number>/",
        flows.VersionDetail.as_view(),
        name="api-version",
    ),
    path(
        "flows/<slug:key>/versions/<int:number>/verify/",
        flows.VersionVerify.as_view(),
        name="api-version-verify",
    ),
    path(
        "flows/<slug:key>/versions/<int:number>/publish/",
        flows.VersionPublish.as_view(),
        name="api-version-publish",
    ),
    path("cases/", cases.CaseList.as_view(), name="api-cases"),
    path("cases/<int:pk>/", cases.CaseDetail.as_view(), name="api-case"),
    path("cases/<int:pk>/history/", cases.CaseHistory.as_view(), name="api-case-history"),
    path("cases/<int:pk>/diagram.svg", cases.CaseDiagram.as_view(), name="api-case-diagram"),
    path("cases/<int:pk>/cancel/", cases.CaseCancel.as_view(), name="api-case-cancel"),
    path("cases/<int:pk>/suspend/", cases.CaseSuspend.as_view(), name="api-case-suspend"),
    path("cases/<int:pk>/resume/", cases.CaseResume.as_view(), name="api-case-resume"),
    path("cases/<int:pk>/move/", operating.CaseMove.as_view(), name="api-case-move"),
    path("cases/<int:pk>/set-data/", operating.CaseSetData.as_view(), name="api-case-set-data"),
    path(
        "cases/<int:pk>/cancel-branch/",
        operating.CaseCancelBranch.as_view(),
        name="api-case-cancel-branch",
    ),
    path("work-items/", work_items.WorkItemList.as_view(), name="api-work-items"),
    path("work-items/<int:pk>/", work_items.WorkItemDetail.as_view(), name="api-work-item"),
    path(
        "work-items/<int:pk>/claim/",
        work_items.WorkItemClaim.as_view(),
        name="api-work-item-claim",
    ),
    path(
        "work-items/<int:pk>/release/",
        work_items.WorkItemRelease.as_view(),
        name="api-work-item-release",
    ),
    path(
        "work-items/<int:pk>/complete/",
        work_items.WorkItemComplete.as_view(),
        name="api-work-item-complete",
    ),
    path(
        "work-items/<int:pk>/transfer/",
        work_items.WorkItemTransfer.as_view(),
        name="api-work-item-transfer",
    ),
    path(
        "work-items/<int:pk>/skip/",
        operating.WorkItemSkip.as_view(),
        name="api-work-item-skip",
    ),
    path(
        "work-items/<int:pk>/repeat/",
        operating.WorkItemRepeat.as_view(),
        name="api-work-item-repeat",
    ),
    path("jobs/", jobs.JobList.as_view(), name="api-jobs"),
    path("jobs/fetch/", jobs.JobFetch.as_view(), name="api-jobs-fetch"),
    path("jobs/<int:pk>/", jobs.JobDetail.as_view(), name="api-job"),
    path("jobs/<int:pk>/complete/", jobs.JobComplete.as_view(), name="api-job-complete"),
    path("jobs/<int:pk>/fail/", jobs.JobFail.as_view(), name="api-job-fail"),
    path("jobs/<int:pk>/extend/", jobs.JobExtend.as_view(), name="api-job-extend"),
    path("jobs/<int:pk>/retry/", jobs.JobRetry.as_view(), name="api-job-retry"),
    path("jobs/<int:pk>/end/", jobs.JobEnd.as_view(), name="api-job-end"),
    path("jobs/<int:pk>/cancel/", jobs.JobCancel.as_view(), name="api-job-cancel"),
]
