<?php // Laravel: getContent() in routes/api.php, which asks no CSRF token
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Route;

Route::post('/webhook', function (Request $request) {
    $body = $request->getContent();
    // isRight: your check of the signature, over exactly these bytes, which
    // compares by hash_equals($expected, $given)
    $right = isRight($body, $request->header('x-signature'));
    return response('', $right ? 204 : 401);
});
