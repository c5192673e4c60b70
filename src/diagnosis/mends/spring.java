// Spring MVC: an InputStream, since @RequestBody byte[] has forms rebuilt
import java.io.*;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.*;

@RestController class Webhook {
  @PostMapping("/webhook") ResponseEntity<Void> receive(InputStream in,
      @RequestHeader("x-signature") String header) throws IOException {
    byte[] body = in.readAllBytes();
    // Your check, over exactly these bytes, by MessageDigest.isEqual
    boolean right = Signatures.isRight(body, header);
    return ResponseEntity.status(right ? 204 : 401).build();
  }
}
