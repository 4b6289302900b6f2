// The words for kinds of things, and for what is done to them.
#include <algorithm>

#include "retrieval/retrieval.h"

namespace ambit::retrieval {
namespace {

struct Called {
    std::string_view kind;   // a domain, or the first part of a capability
    std::string_view words;  // separated by spaces, folded
};

// clang-format off
constexpr Called kCalled[] = {
    {"light", "light lights lamp lamps lighting bulb bulbs brightness bright brighter dim dimmer dimmed dark darker chandelier "
              "licht lichter lampe lampen beleuchtung hell heller dunkel dunkler dimme lumière lumières lampe éclairage luz luces lámpara 灯 燈"},
    {"switch", "switch switches plug plugs socket outlet relay schalter steckdose prise interrupteur interruptor enchufe 开关 插座"},
    {"fan", "fan fans ventilator ventilation lüfter ventilateur ventilador 风扇"},
    {"climate", "climate thermostat thermostats heating heater heat heaters ac aircon conditioner conditioning temperature temp degrees "
                "warm warmer hot cold colder cool cooler hvac heizung thermostat temperatur grad klima klimaanlage kalt kälter wärmer "
                "chauffage température degrés calefacción temperatura grados 空调 温度"},
    {"cover", "cover covers blind blinds curtain curtains shade shades shutter shutters awning drapes garage gate rollo rollos "
              "rollladen vorhang vorhänge jalousie jalousien volet volets rideau rideaux store persiana persianas cortina cortinas 窗帘"},
    {"lock", "lock locks unlock locked unlocked door schloss tür abschließen aufschließen serrure verrou porte cerradura puerta 锁 门"},
    {"media_player", "media player music song songs play playing pause volume louder quieter mute unmute tv television speaker speakers "
                     "radio track next previous musik lied lautstärke lauter leiser fernseher lautsprecher musique chanson télé "
                     "música canción televisión altavoz 音乐 电视"},
    {"vacuum", "vacuum vacuums hoover cleaner robot roborock roomba clean cleaning sweep dock base staubsauger sauger saugen aspirateur aspiradora 扫地机"},
    {"lawn_mower", "mower lawn mow mowing rasenmäher mäher tondeuse cortacésped 割草机"},
    {"valve", "valve valves water irrigation sprinkler ventil wasser vanne eau válvula agua 阀门"},
    {"todo", "todo list lists task tasks item items shopping groceries grocery liste einkaufsliste aufgabe aufgaben courses tâche lista tarea compra 清单"},
    {"sensor", "sensor sensors humidity humid temperature reading power energy battery pressure sensor feuchtigkeit luftfeuchtigkeit "
               "capteur humidité sensor humedad 传感器"},
    {"binary_sensor", "open closed window windows door doors motion occupied leak smoke fenster bewegung offen fenêtre mouvement ouverte "
                      "ventana movimiento abierta 窗户"},
    {"humidifier", "humidifier dehumidifier luftbefeuchter entfeuchter humidificateur humidificador 加湿器"},
    {"siren", "siren sirene sirène sirena 警报器"},
    {"alarm_control_panel", "alarm alarms armed arm disarm security alarmanlage alarme alarma 警报"},
    {"scene", "scene scenes mood ambience szene stimmung scène ambiance escena ambiente 场景"},
    {"script", "script routine skript routine script rutina 脚本"},
    {"button", "button press knopf taste bouton botón 按钮"},
    {"camera", "camera cameras kamera caméra cámara 摄像头"},
    {"weather", "weather forecast rain sunny snow wetter regen météo pluie tiempo lluvia 天气"},
    {"timer", "timer timers countdown minutes hours timer minuten minuteur minutes temporizador minutos 计时器"},
    {"list", "list lists shopping groceries grocery liste einkaufsliste courses lista compra 清单"},
    {"message", "announce broadcast tell everyone durchsage annonce anuncia 广播"},
};
// clang-format on

}  // namespace

std::vector<std::string> kinds_called(std::string_view word) {
    std::vector<std::string> kinds;
    for (const Called& called : kCalled) {
        for (std::size_t at = called.words.find(word); at != std::string_view::npos;
             at = called.words.find(word, at + 1)) {
            const std::size_t end = at + word.size();
            if ((at == 0 || called.words[at - 1] == ' ') &&
                (end == called.words.size() || called.words[end] == ' ')) {
                kinds.emplace_back(called.kind);
                break;
            }
        }
    }
    return kinds;
}

}  // namespace ambit::retrieval
