import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.*;

/**
 * Calls the mend as Spring MVC does: by its annotations, an InputStream being the request's own. (For a @RequestBody of a
 * form Spring writes the parameters again, which is why the mend has none.) Prints its port, and ends with its input.
 */
class Server {
  public static void main(String[] arguments) throws Exception {
    var controller = new Webhook();
    if (!Webhook.class.isAnnotationPresent(RestController.class)) throw new Error("no @RestController");
    Method method = Arrays.stream(Webhook.class.getDeclaredMethods())
        .filter(each -> each.isAnnotationPresent(PostMapping.class)).findFirst().orElseThrow();
    String name = Arrays.stream(method.getParameters()).filter(each -> each.isAnnotationPresent(RequestHeader.class))
        .findFirst().orElseThrow().getAnnotation(RequestHeader.class).value();
    method.setAccessible(true);
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(method.getAnnotation(PostMapping.class).value(), exchange -> {
      int status = 400; // Spring's answer where a header is missing
      String header = exchange.getRequestHeaders().getFirst(name);
      try {
        Object[] values = Arrays.stream(method.getParameterTypes())
            .map(type -> type == InputStream.class ? exchange.getRequestBody() : header).toArray();
        Signatures.seen = null;
        if (header != null) status = ((ResponseEntity<?>) method.invoke(controller, values)).status;
      } catch (ReflectiveOperationException error) {
        status = 500;
      }
      if (Signatures.seen != null) exchange.getResponseHeaders().set("X-Seen", Signatures.seen);
      exchange.sendResponseHeaders(status, -1);
      exchange.close();
    });
    server.start();
    System.out.println(server.getAddress().getPort());
    while (System.in.read() >= 0) {}
    System.exit(0);
  }
}

class Signatures {
  static String seen;

  static boolean isRight(byte[] body, String header) {
    try {
      seen = HexFormat.of().formatHex(body);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec("key of the test".getBytes(), "HmacSHA256"));
      return MessageDigest.isEqual(HexFormat.of().formatHex(mac.doFinal(body)).getBytes(), header.getBytes());
    } catch (java.security.GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }
}
