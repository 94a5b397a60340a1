from __future__ import annotations

from reliability_lint.rule import Constant, Findings, Router, SemanticModel, exposures, find, rule


@rule("REL502", severity="error")
def traceback_in_response(model: SemanticModel) -> Findings:
    """
    A stack trace is sent to the client.

    A trace shows the source, the paths and the libraries of the service, with the values that were in the message: a map for whoever looks for a
    way in, and of no use to anybody else.

    Bad:

        import traceback

        from django.http import JsonResponse

        def export(request):
            try:
                return JsonResponse(build(request))
            except Exception:
                return JsonResponse({"trace": traceback.format_exc()}, status=500)  # REL502

    Good:

        import logging
        import traceback

        from django.conf import settings
        from django.http import JsonResponse

        logger = logging.getLogger(__name__)

        def export(request):
            try:
                return JsonResponse(build(request))
            except Exception:
                logger.error("export failed: %s", traceback.format_exc())
                return JsonResponse({"code": "export_failed"}, status=500)

        def preview(request):
            try:
                return JsonResponse(build(request))
            except Exception:
                if settings.DEBUG:
                    return JsonResponse({"trace": traceback.format_exc()}, status=500)
                raise
    """
    for call, router in model.meanings.of(Router):
        asked = find(router.traces, call.made) if router.traces is not None else None
        if asked == Constant(value=True) and not call.bare:
            yield call.finding(
                f"{call.title}() is told to send the stack trace of whatever no handler catches",
                cure="leave that to the log, or to a debug switch",
            )
    for exposure in exposures(model):
        if exposure.source.trace:
            yield exposure.place.finding(
                "the client is sent a stack trace",
                cure="log it with logger.exception(), and send a fixed text with an error code",
                at=exposure.sent,
                notes=exposure.notes,
            )
