"""What all jobs have in common: imports, suggestion runs, trainings, exports, releases."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from corpusapp.core.api.deprecation import AnnouncingView
from corpusapp.core.job_states import UNENDED, JobState

RETRY_AFTER = 1


class JobSerializer(serializers.Serializer):
    job_state = serializers.ChoiceField(choices=JobState.choices)
    done = serializers.BooleanField(
        help_text="Whether it has ended, in whatever way. While it is false, `Retry-After` says when to ask again."
    )


def job_json(state: str) -> dict[str, Any]:
    return {"job_state": state, "done": state not in UNENDED}


class JobView(AnnouncingView):
    """Answers a job, or a list of them. The answer of a job that has not ended has the header `Retry-After`."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response, Response) and isinstance(response.data, dict) and response.data.get("done") is False:
            response["Retry-After"] = str(RETRY_AFTER)
        return response
