# Django: read request.body before anything reads POST or FILES
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

@csrf_exempt  # a sender has no CSRF token, and the check would read POST
def webhook(request):
    body = request.body
    # is_right: your check of the signature, over exactly these bytes
    right = is_right(body, request.headers.get("x-signature"))
    return HttpResponse(status=204 if right else 401)
